"""Payloads that the archive holds: read again from their records."""

from functools import lru_cache
from pathlib import Path

from kontum_crawler.store.intake.answering import Job
from kontum_crawler.warc.capture import Captured, captured
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.http import split
from kontum_crawler.warc.reader import read_at, records
from kontum_crawler.warc.records import Record


def job_at(folder: Path, name: str, offset: int, url: str) -> Job | None:
    """The job of reading the payload of a record as the answer of an address.

    None where the record has no payload of its own, or not all of it. Raises ArchiveError where no
    record lies there, ValueError where it is no capture, OSError.
    """
    record = read_at(folder / name, offset)
    seen = captured(record)
    return None if seen is None else job_of(record, seen, url, base_of(folder / name))


def job_of(record: Record, seen: Captured, url: str, base: str) -> Job | None:
    """The same for a record in hand; base: the address that the run connected to, or empty."""
    if seen.payload is None or not seen.whole:
        return None
    if record.type == "response":
        return Job(url, split(record.block)[0], seen.payload, base)
    # What was no HTTP answer was there, and had this type.
    lines = "".join(f"{name}: {value}\r\n" for name, value in seen.head.fields)
    return Job(url, f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode(), seen.payload, base)


@lru_cache(maxsize=256)
def base_of(path: Path) -> str:
    """The base address of the run that wrote a file, from its `warcinfo`; empty without one."""
    first = next(records(path), None)
    if not isinstance(first, Record) or first.type != "warcinfo":
        return ""
    return dict(parse_warc_fields(first.block)).get("kontum-base-url", "")
