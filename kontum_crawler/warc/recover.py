"""Bringing a file back to its last complete record, after kill -9, a full disk or a power cut."""

import os
from dataclasses import dataclass
from pathlib import Path

from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Fault

ZEROS = "no gzip member begins behind it, there are zeros"
"""What is wrong where nothing else is: a power cut may leave room that was never written to."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands behind the last complete record: `complete` bytes are sound, `torn` are not."""

    complete: int
    torn: int
    fault: str


def torn_tail(path: Path, start: int = 0) -> Tail | None:
    """What is torn at the end of a file; None where it ends with a complete record.

    start: a byte at which a record begins and before which everything is known to be sound.
    Damage with a readable record behind it is no torn tail, and is left alone. A file without a
    byte was cut off before its first record. For files of one record a member: where a member's
    check sum is not reached, its record is not complete, however much of it can be inflated.
    Raises OSError.
    """
    if path.stat().st_size == 0:
        return Tail(0, 0, "the file is empty")
    complete, fault = start, ZEROS
    for item in records(path, start=start):
        if isinstance(item, Fault):
            fault = item.message if fault == ZEROS else fault or item.message
        elif item.alone:
            complete, fault = item.offset + item.length, ZEROS
        else:
            fault = ""
    torn = path.stat().st_size - complete
    return Tail(complete, torn, fault) if fault and torn > 0 else None


def cut_back(path: Path, tail: Tail) -> None:
    """Cut the tail off; a file in which nothing is complete is removed. Raises OSError."""
    if tail.complete == 0:
        path.unlink()
        return
    with path.open("r+b") as file:
        file.truncate(tail.complete)
        os.fsync(file.fileno())
