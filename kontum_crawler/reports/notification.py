"""Tells a person of a run that needs one: by mail, webhook or ntfy, as `kontum.toml` says.

Addresses of webhooks often are secrets, so no message here names more of them than the host.
"""

import http.client
import json
import smtplib
import urllib.request
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import urlsplit

from kontum_crawler.reports.run import Report, as_html, as_text
from kontum_crawler.store.config import Notify

WITHIN = 20.0  # seconds
FAILURES = (OSError, smtplib.SMTPException, http.client.HTTPException, ValueError)
"""What a server that is not well, or an address that is none, leads to."""
LONGEST = 3500
"""Characters of an ntfy message; a longer one becomes a file there."""


def notify(report: Report, wanted: Notify) -> list[str]:
    """Send what is urgent in a report wherever the configuration asks for it.

    Nothing is sent on a good night. Returns a sentence for each way that failed.
    """
    if not report.urgent:
        return []
    ways: list[tuple[str, str | None, Callable[[Report, Notify], None]]] = [
        ("mail", wanted.email, _mail),
        ("webhook", wanted.webhook, _webhook),
        ("ntfy", wanted.ntfy, _ntfy),
    ]
    failed = []
    for name, address, send in ways:
        if address is None:
            continue
        try:
            send(report, wanted)
        except FAILURES as error:
            where = wanted.smtp if name == "mail" else _host(address)
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None)
            told = reason or type(error).__name__
            failed.append(f"{name}: {where} did not take the message ({told})")
    return failed


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "its server"
    except ValueError:
        return "its server"


def _mail(report: Report, wanted: Notify) -> None:
    message = EmailMessage()
    message["Subject"] = f"{report.title}; needs a look"
    message["From"] = wanted.sender or wanted.email
    message["To"] = wanted.email
    message.set_content(as_text(report))
    message.add_alternative(as_html(report), subtype="html")
    host, _, port = wanted.smtp.rpartition(":")
    with smtplib.SMTP(host or wanted.smtp, int(port) if host else 25, timeout=WITHIN) as server:
        server.ehlo_or_helo_if_needed()
        if server.has_extn("starttls"):
            server.starttls()
        server.send_message(message)


def _webhook(report: Report, wanted: Notify) -> None:
    told = {
        "title": report.title,
        "urgent": report.urgent,
        "run": {name: report.run[name] for name in ("id", "command", "started_at", "outcome")},
        "counts": report.counts,
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    _post(wanted.webhook or "", body, {"Content-Type": "application/json"})


def _ntfy(report: Report, wanted: Notify) -> None:
    body = "\n".join(report.urgent)[:LONGEST].encode()
    _post(wanted.ntfy or "", body, {"Title": report.title, "Priority": "high"})


def _post(url: str, body: bytes, headers: dict[str, str]) -> None:
    request = urllib.request.Request(url, body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=WITHIN):
        return
