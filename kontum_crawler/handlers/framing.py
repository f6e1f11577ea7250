"""Where a message ends on the wire, and what makes its head unfit to be believed.

Source: RFC 9112, clauses 2.2 (message), 5.2 (obs-fold), 6.3 (length of a body), 7.1 (chunks).
"""

import re

INTERIM = re.compile(rb"HTTP/1\.[01][ \t]+1(?!01)\d\d\b")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
FOLDED = re.compile(rb"\n[ \t]+[^\r\n]")
LENGTHS = re.compile(rb"\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh][ \t]*:([^\r\n]*)")
CODINGS = re.compile(
    rb"\n[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg][ \t]*:([^\r\n]*)"
)
CONTENT_CODINGS = re.compile(
    rb"\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ee][Nn][Cc][Oo][Dd][Ii][Nn][Gg][ \t]*:([^\r\n]*)"
)
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[^\r\n]*\r?\n")
NO_BODY = re.compile(rb"HTTP/1\.[01][ \t]+(?:204|304)\b")


def split_message(received: bytes) -> tuple[bytes, bytes, bytes]:
    """Head (with its blank line) and body of the final answer, and what came behind its end.

    Interim answers (1xx) are left out. All three are empty where the blank line never came.
    """
    at = 0
    while match := END_OF_HEAD.search(received, at):
        head = received[at : match.end()]
        if INTERIM.match(head):
            at = match.end()
            continue
        body = received[match.end() :]
        end = _body_end(head, body)
        return head, body[:end], body[end:]
    return b"", b"", b""


def head_fault(head: bytes) -> str | None:
    """Why an answer with this head must not be believed, or None."""
    if FOLDED.search(head):
        return "a header line is folded (obs-fold)"
    lengths = {part.strip() for said in LENGTHS.findall(head) for part in said.split(b",")}
    if len(lengths) > 1:
        told = ", ".join(sorted(part.decode("latin-1") for part in lengths))
        return f"it states two lengths: {told}"
    if lengths and CODINGS.search(head):
        return "it states a length and a transfer coding"
    return None


def coding_fault(head: bytes, payload: bytes) -> str | None:
    """Why a payload cannot have the content coding that its head states, or None.

    Tools that store answers undo codings and leave the head as it was; servers have no such excuse.
    """
    codings = b",".join(CONTENT_CODINGS.findall(head)).lower().split(b",")
    last = codings[-1].strip()
    if payload and last in (b"gzip", b"x-gzip") and payload[:2] != b"\x1f\x8b":
        return "its body is not gzip although the head says so"
    return None


def _body_end(head: bytes, body: bytes) -> int:
    if NO_BODY.match(head):
        return 0
    coding = b",".join(CODINGS.findall(head)).lower()
    if b"chunked" in coding:
        return _chunked_end(body)
    said = LENGTHS.search(head)
    length = said[1].strip() if said else b""
    return int(length) if length.isdigit() else len(body)


def _chunked_end(body: bytes) -> int:
    """The offset behind the trailer of a chunked body; its whole length where it breaks off."""
    at = 0
    while match := CHUNK_SIZE.match(body, at):
        size = int(match[1], 16)
        if size == 0:
            return _trailer_end(body, match.end())
        at = match.end() + size
        if body[at : at + 2] == b"\r\n":
            at += 2
        elif body[at : at + 1] == b"\n":
            at += 1
        else:
            break
    return len(body)


def _trailer_end(body: bytes, at: int) -> int:
    while (end := body.find(b"\n", at)) >= 0:
        if not body[at:end].strip():
            return end + 1
        at = end + 1
    return len(body)
