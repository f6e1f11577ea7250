"""CDXJ: one line a capture, sorted by SURT key and time, as replay tools read it.

    vn,gov,kontum,kkt)/tin 20260131020304 {"url": …, "mime": …, "status": …, "digest": …, …}

Source: the format of cdxj-indexer and pywb; all values are strings.
"""

import contextlib
import heapq
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kontum_crawler.clock import stamp14
from kontum_crawler.warc.capture import captured
from kontum_crawler.warc.digests import sha1_base32
from kontum_crawler.warc.http import Head
from kontum_crawler.warc.records import Record
from kontum_crawler.warc.surt import surt

MIME_END = re.compile(r"[;\s]")
HELD = 20_000
"""Lines of an index that is being sorted which stay in memory, about 10 MB."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `stamp` is 14 digits; `status` is None for what was no HTTP answer."""

    url: str
    stamp: str
    mime: str
    status: int | None
    digest: str
    length: int
    offset: int
    filename: str

    def line(self) -> str:
        """The line, with its end."""
        said = {
            "url": self.url,
            "mime": self.mime,
            "status": str(self.status or ""),
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": self.filename,
        }
        pairs = {name: value for name, value in said.items() if value}
        return f"{surt(self.url)} {self.stamp} {json.dumps(pairs)}\n"


def entry(record: Record, filename: str) -> Entry | None:
    """The line of a record that is a capture; None for any other.

    Raises ValueError as `captured` does.
    """
    seen = captured(record)
    if seen is None:
        return None
    digest = seen.claim or (sha1_base32(seen.payload) if seen.payload is not None else "")
    mime = "warc/revisit" if seen.repeats else _mime(seen.head)
    status = None if record.type == "resource" else seen.status
    return Entry(
        seen.url,
        stamp14(seen.fetched_at),
        mime,
        status,
        digest,
        record.length,
        record.offset,
        filename,
    )


def write(path: Path, entries: Iterable[Entry], *, keep: bool = False) -> int:
    """Write an index, sorted; with `keep`, what the file holds already stays in it.

    Memory is that of the new entries alone. The file changes as a whole or not at all. Returns how
    many lines were added. Raises OSError.
    """
    added = sorted(item.line() for item in entries)
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as out:
            with _lines(path, keep) as held:
                out.writelines(_once(heapq.merge(held, added)))
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return len(added)


class Sorter:
    """Index lines in order, however many: all but the last few wait in files of a folder."""

    def __init__(self, folder: Path, most: int = HELD) -> None:
        """folder: an empty one, for files. most: lines that are held in memory."""
        self.folder = folder
        self.most = most
        self.waiting: list[str] = []
        self.runs: list[Path] = []

    def add(self, line: str) -> None:
        """Take a line in. Raises OSError."""
        self.waiting.append(line)
        if len(self.waiting) >= self.most:
            path = self.folder / f"{len(self.runs)}.cdxj"
            with path.open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(sorted(self.waiting))
            self.runs.append(path)
            self.waiting.clear()

    def __iter__(self) -> Iterator[str]:
        """The lines, sorted, each once. Raises OSError."""
        with contextlib.ExitStack() as stack:
            held = [stack.enter_context(_lines(path, True)) for path in self.runs]
            yield from _once(heapq.merge(*held, sorted(self.waiting)))


def _mime(head: Head) -> str:
    """The media type as the answer spells it; empty where none is stated, as cdxj-indexer does."""
    return MIME_END.split(head.get("Content-Type"), maxsplit=1)[0]


@contextlib.contextmanager
def _lines(path: Path, wanted: bool) -> Iterator[Iterable[str]]:
    if not wanted or not path.exists():
        yield ()
        return
    with path.open(encoding="utf-8", newline="\n") as file:
        yield file


def _once(lines: Iterable[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        if line != before:
            yield line
        before = line
