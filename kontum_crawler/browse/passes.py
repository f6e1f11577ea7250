"""How a captured page gets its pictures and style sheets where only some may read.

The frame that shows it has an origin of its own, so that no browser sends our cookie with what it
loads. Whoever may see the page gets it with addresses that carry a pass: for one requisite of one
capture, for some minutes, signed with Datasette's secret. The page runs nothing and asks nobody
outside, so it cannot hand a pass on.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData

NAMESPACE = "kontum-requisite"
LIFE = timedelta(minutes=20)
"""Longer than a browser keeps the page that names them (`captured.QUIET`)."""


def written(datasette: Any, capture: int, url: str, now: datetime) -> str:
    """A pass for a requisite of a capture; url: its address as the page names it, absolute."""
    until = int((now + LIFE).timestamp())
    token: str = datasette.sign([_digest(capture, url), until], NAMESPACE)
    return token


def valid(datasette: Any, token: str, capture: int, url: str, now: datetime) -> bool:
    """Whether this is a pass for that requisite of that capture, and still one."""
    try:
        digest, until = datasette.unsign(token, NAMESPACE)
    except (BadData, TypeError, ValueError):
        return False
    return bool(digest == _digest(capture, url) and now.timestamp() < until)


def _digest(capture: int, url: str) -> str:
    return hashlib.sha256(f"{capture} {url}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
