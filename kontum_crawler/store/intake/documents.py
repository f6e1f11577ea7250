"""Attached files as captured: name, size and text, the same for crawl, ingest and reextract."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from kontum_crawler.extract.documents import document_text
from kontum_crawler.items import Attachment
from kontum_crawler.text import nfc

STARRED = re.compile(r"filename\*\s*=\s*([\w-]*)'[^']*'([^;\s]+)", re.I)
QUOTED = re.compile(r'filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;]+))', re.I)


def read_document(
    url: str, headers: Sequence[tuple[str, str]], body: bytes, payload_digest: str
) -> Attachment:
    """What a captured file holds. body: content-decoded; text is read in a child process.

    To be given to `Archive.attach` with the capture that holds the file, not with a revisit of it.
    """
    said = {name.lower(): value for name, value in headers}
    media_type = said.get("content-type", "").partition(";")[0].strip().lower() or None
    filename = _disposed(said.get("content-disposition", "")) or _named(url)
    text, status = document_text(body, media_type, filename)
    return Attachment(
        url=url,
        filename=filename,
        media_type=media_type,
        size=len(body),
        payload_digest=payload_digest,
        text=text,
        text_status=status,
    )


def _disposed(value: str) -> str | None:
    """The name in a Content-Disposition. Source: RFC 6266, RFC 8187."""
    if match := STARRED.search(value):
        try:
            return nfc(unquote(match[2], encoding=match[1] or "utf-8", errors="strict")) or None
        except (UnicodeDecodeError, LookupError):
            return None
    if match := QUOTED.search(value):
        name = match[1] if match[1] is not None else match[2]
        return nfc(unquote(re.sub(r"\\(.)", r"\1", name)).strip()) or None
    return None


def _named(url: str) -> str | None:
    """The last part of the path, where it has an extension."""
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return nfc(name) if re.search(r"\.\w{2,5}$", name) else None
