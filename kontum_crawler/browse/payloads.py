"""What a server answered, read from the WARC record of a capture."""

import re
from typing import Any

from kontum_crawler.browse import reading
from kontum_crawler.browse.host import file_of
from kontum_crawler.browse.telling import Sentence
from kontum_crawler.errors import KontumError
from kontum_crawler.warc.capture import captured
from kontum_crawler.warc.http import CodingError, decoded
from kontum_crawler.warc.reader import read_at

LIMIT = 32_000_000
"""Bytes of a decoded payload."""


SIGNATURES = (
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b", re.I), "text/html"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
)
"""How an answer begins that names no media type, as browsers tell it. Source: MIME Sniffing."""


class Missing(Exception):
    """The record of a capture cannot be read; the sentence says which file and why."""

    def __init__(self, name: str, /, **values: object) -> None:
        super().__init__(name)
        self.sentence = Sentence(name, values)


def kind(media_type: str | None) -> str:
    """A media type without its parameters."""
    return (media_type or "").partition(";")[0].strip().lower()


def payload_of(connection: Any, row: dict[str, Any]) -> tuple[bytes, str]:
    """The decoded payload of a capture and its media type; a revisit is followed once.

    The type is the one that the server named, else what the payload begins like, else empty.
    """
    media_type = kind(row["media_type"])
    if row["revisit_of"]:
        sql = "SELECT * FROM captures WHERE id = :id"
        original = reading.one(connection, sql, {"id": row["revisit_of"]})
        if original is None:
            raise Missing("record_repeats", name=row["revisit_of"])
        row = original
    folder = file_of(connection).parent
    if not row["warc_file"]:
        raise Missing("record_unnamed")
    path = (folder / row["warc_file"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Missing("record_outside", file=row["warc_file"])
    try:
        answer = captured(read_at(path, row["warc_offset"]))
        if answer is None or answer.payload is None:
            raise Missing("record_none", file=row["warc_file"], at=row["warc_offset"])
        payload = decoded(answer.payload, answer.head, LIMIT)
        return payload, media_type or _told_by(payload)
    except FileNotFoundError:
        raise Missing("record_missing", file=row["warc_file"]) from None
    except (OSError, KontumError, CodingError, ValueError) as error:
        raise Missing("record_broken", file=row["warc_file"], reason=error) from None


def _told_by(payload: bytes) -> str:
    return next((name for form, name in SIGNATURES if form.match(payload)), "")
