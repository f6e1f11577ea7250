"""Reading WARC files of any tool: what can be read is read, what is wrong is said.

`records` yields records and faults in the order in which they lie in the file, and never raises
for what a file holds. Accepted without a word: WARC 0.17 to 1.1, bare line feeds, addresses in
angle brackets, missing digests, folded header lines. Source: WARC/1.1 clauses 4 and 5, annex D.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from kontum_crawler.errors import ArchiveError
from kontum_crawler.warc.records import Fault, Record
from kontum_crawler.warc.stream import Damage, Stream

MAX_BLOCK = 256_000_000
MAX_HEAD = 1_000_000
WINDOW = 1_000_000
VERSION = re.compile(rb"WARC/(\d+\.\d+)[ \t]*\r?\n")
NEXT_RECORD = re.compile(rb"\r?\n\r?\nWARC/\d+\.\d+[ \t]*\r?\n")
LENGTH = re.compile(r"\d{1,18}")


def kind_of(path: Path) -> str:
    """`warc`, `wacz`, `zip`, `arc`, `zst`, `empty` or `other`, told from the bytes.

    Raises OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        begin = file.read(4)
        if begin[:4] == b"PK\x03\x04":
            return "wacz" if path.suffix.lower() == ".wacz" else "zip"
        if begin == b"\x28\xb5\x2f\xfd":
            return "zst"
        if not begin:
            return "empty"
        try:
            text = Stream(file).peek(4096).lstrip(b"\r\n \0")
        except Damage:
            # A first member that is damaged: only the name tells what the file meant to be.
            return "warc" if re.search(r"\.warc(\.gz)?$", path.name, re.I) else "other"
    if text.startswith(b"WARC/"):
        return "warc"
    return "arc" if text.startswith(b"filedesc://") else "other"


def records(
    path: Path, *, start: int = 0, name: str = "", max_block: int = MAX_BLOCK
) -> Iterator[Record | Fault]:
    """Each record of a file from byte `start` on, and each fault where it was met.

    name: what faults call the file; its path otherwise. max_block: a record with more bytes is
    passed over with a fault, without being held in memory. Raises OSError.
    """
    with path.open("rb") as file:
        yield from _Reading(Stream(file, start), name or str(path), max_block).items()


def records_in(data: bytes, *, name: str = "") -> Iterator[Record | Fault]:
    """The same for bytes in memory, such as one member fetched by its range."""
    yield from _Reading(Stream(io.BytesIO(data)), name, MAX_BLOCK).items()


def next_record(path: Path, at: int, until: int) -> int | None:
    """The byte at or behind `at`, before `until`, where a record seems to begin; None for none.

    What looks like a record may stand inside another one, as in a captured WARC file: whoever reads
    from there must know where the record before it ends. Raises OSError.
    """
    with path.open("rb") as file:
        if Stream(file).zipped:
            return Stream(file, at).record_from(at, until)
        begin = max(0, at - 4)
        while begin < until:
            file.seek(begin)
            window = file.read(WINDOW)
            match = NEXT_RECORD.search(window)
            if match is not None:
                found = begin + match.start() + match[0].index(b"WARC/")
                if found >= at:
                    return found if found < until else None
                begin = found
                continue
            if len(window) < WINDOW:
                return None
            begin += WINDOW - 64
    return None


def read_at(path: Path, offset: int) -> Record:
    """The one record that begins at that byte. Raises ArchiveError where none does, and OSError."""
    for item in records(path, start=offset):
        if isinstance(item, Fault):
            raise ArchiveError(str(item))
        return item
    raise ArchiveError(f"{path}: byte {offset:,}: the file ends before")


class _Reading:
    """One pass over one stream."""

    def __init__(self, stream: Stream, name: str, max_block: int) -> None:
        self.stream = stream
        self.name = name
        self.max_block = max_block
        self.offset = 0
        self.url = ""

    def items(self) -> Iterator[Record | Fault]:
        while True:
            try:
                if not self._at_something():
                    return
                yield from self._item()
            except Damage as damage:
                kind = "cut-off" if damage.cut_off else "damaged"
                yield self._fault(kind, str(damage), damage.offset)
                if not self.stream.skip_damage():
                    return

    def _at_something(self) -> bool:
        self.url = ""
        while (ahead := self.stream.peek(1)) and ahead in b"\r\n\0":
            self.stream.skip(1)
        return bool(ahead)

    def _item(self) -> Iterator[Record | Fault]:
        at = self.stream.at
        boundary = self.stream.boundary(at)
        self.offset = at if boundary is None else boundary
        match = VERSION.match(self.stream.peek(64))
        head = self.stream.head(MAX_HEAD) if match else None
        if head is None and self.stream.damage:
            raise self.stream.damage
        if match is None or head is None:
            what = "a record header without an end begins" if match else "no WARC record begins"
            yield self._fault("no-record", f"{what} here")
            self.stream.skip(max(1, self._to_next_record()))
            return
        record = Record(match[1].decode(), _fields(head), b"", self.offset, 0)
        self.url = record.url
        block, what = self._block(record.get("Content-Length"))
        if what:
            lost = "cut-off" if what.startswith("it is cut off") else "too-large"
            yield self._fault("length" if block is not None else lost, what)
        if block is not None:
            yield self._placed(record, block, at, boundary is not None)

    def _block(self, said: str) -> tuple[bytes | None, str]:
        """The block, and what is wrong with its length; None where it is not to be had."""
        size = int(said) if LENGTH.fullmatch(said) else None
        if size is None:
            block = self.stream.read(self._to_next_record())
            return block, f"Content-Length «{said}» is no number; the block ends after {len(block)}"
        if size > self.max_block:
            there = self.stream.skip(size)
            more = f" and cut off after {there:,}" if there < size else ""
            limit = f"over the limit of {self.max_block:,}{more}"
            return None, f"the block of {size:,} bytes is {limit}; the record is passed over"
        block = self.stream.read(size)
        if len(block) == size and self._ends_here():
            return block, ""
        self.stream.unread(block)
        there = self._to_next_record()
        if there == len(block) < size and self.stream.damage:
            raise self.stream.damage
        if there == len(block) < size and not self.stream.zipped:
            self.stream.skip(there)
            return None, f"it is cut off: {there:,} of the block's {size:,} bytes are there"
        return self.stream.read(there), f"Content-Length says {size:,} bytes, there are {there:,}"

    def _ends_here(self) -> bool:
        """Whether a blank line, the end of a member or of the file follows."""
        ahead = self.stream.ahead(1)
        return not ahead or ahead in b"\r\n" or self._at_member()

    def _at_member(self) -> bool:
        return self.stream.zipped and self.stream.boundary(self.stream.at) is not None

    def _to_next_record(self) -> int:
        """How many bytes the present one has left: to a record's version line, or a member."""
        ahead = self.stream.peek(self.max_block)
        match = NEXT_RECORD.search(ahead)
        end = match.start() if match else len(ahead)
        member = self.stream.next_boundary()
        if member is not None and member - self.stream.at < end:
            end = member - self.stream.at
            end -= 4 if ahead[:end].endswith(b"\r\n\r\n") else 0
        return end

    def _placed(self, record: Record, block: bytes, at: int, begins_member: bool) -> Record:
        ahead = self.stream.ahead(4)
        marks = (b"\r\n\r\n", b"\n\n", b"\r\n", b"\n")
        self.stream.skip(next((len(mark) for mark in marks if ahead.startswith(mark)), 0))
        end = self.stream.boundary(self.stream.at)
        if end is None and self.stream.damage and not self.stream.ahead(1):
            raise self.stream.damage
        alone = begins_member and end is not None
        first, last = (self.offset, end) if alone and end is not None else (at, self.stream.at)
        return Record(record.version, record.fields, block, first, last - first, alone)

    def _fault(self, kind: str, message: str, offset: int | None = None) -> Fault:
        at = self.offset if offset is None else offset
        return Fault(self.name, at, message, self.url, kind)


def _fields(head: bytes) -> list[tuple[str, str]]:
    """Named fields behind the version line; folded lines joined, NUL bytes gone."""
    fields: list[tuple[str, str]] = []
    for line in head.replace(b"\0", b"").decode("utf-8", "replace").splitlines()[1:]:
        if line[:1] in (" ", "\t") and fields and line.strip():
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon and name.strip():
            fields.append((name.strip(), value.strip()))
    return fields
