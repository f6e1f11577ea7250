"""What a browser may do with a page that we serve.

Our own pages run one script file of ours and nothing else; Datasette's own pages need their inline
scripts; a captured page runs nothing and asks nobody outside. Source: Content Security Policy
Level 3, and HTML clause 4.8.5 on sandboxing.
"""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]

OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
    " 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
DATASETTE = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
CAPTURED = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; img-src 'self' data:;"
    " style-src 'self' 'unsafe-inline'; font-src 'self'; media-src 'self'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)

HEADERS = {
    "content-security-policy": OURS,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def guarded(app: App) -> App:
    """The application with a policy on each HTML answer that has none of its own."""

    async def serve(scope: Scope, receive: Any, send: Send) -> None:
        async def sending(message: dict[str, Any]) -> None:
            if message.get("type") == "http.response.start":
                message = {**message, "headers": _with_policy(message.get("headers") or [])}
            await send(message)

        await app(scope, receive, sending)

    return serve


def _with_policy(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    present = {name.lower(): value for name, value in headers}
    if not present.get(b"content-type", b"").lower().startswith((b"text/html", b"image/svg")):
        return list(headers)
    wanted = {**HEADERS, "content-security-policy": DATASETTE}
    missing = [
        (name.encode(), value.encode())
        for name, value in wanted.items()
        if name.encode() not in present
    ]
    return [*headers, *missing]
