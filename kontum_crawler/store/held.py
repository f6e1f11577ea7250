"""Payloads that the archive holds: read again from their records."""

from typing import TYPE_CHECKING

from kontum_crawler.store.answering import Job
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.http import split
from kontum_crawler.warc.reader import read_at
from kontum_crawler.warc.records import Record

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive


def job_at(archive: "Archive", name: str, offset: int, url: str) -> Job | None:
    """The job of reading the payload of a record as the answer of an address.

    None where the record has no payload of its own, or not all of it. Raises ArchiveError where no
    record lies there, ValueError where it is no capture, OSError.
    """
    record = read_at(archive.folder / name, offset)
    seen = captured(record)
    return None if seen is None else job_of(record, seen, url)


def job_of(record: Record, seen: Captured, url: str) -> Job | None:
    """The same for a record in hand."""
    if seen.payload is None or not seen.whole:
        return None
    if record.type == "response":
        return Job(url, split(record.block)[0], seen.payload)
    # What was no HTTP answer was there, and had this type.
    lines = "".join(f"{name}: {value}\r\n" for name, value in seen.head.fields)
    return Job(url, f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode(), seen.payload)
