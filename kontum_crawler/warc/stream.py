"""The bytes of a WARC file, decompressed, with the places where gzip members begin.

A file may be plain, hold one member a record, one member for all, or members that know nothing of
records (bgzip); one stream serves them all. Damage is raised only when everything before it has
been taken, and `skip_damage` goes on behind it.
"""

import os
import re
import zlib
from collections import deque
from typing import BinaryIO

CHUNK = 1 << 16
BURST = 1 << 20
MAGIC = b"\x1f\x8b\x08"
BLANK_LINE = re.compile(rb"\n\r?\n")


class Damage(Exception):
    """The file cannot be read on at `offset`, a byte of the file."""

    def __init__(self, offset: int, message: str, *, cut_off: bool = False) -> None:
        super().__init__(message)
        self.offset = offset
        self.cut_off = cut_off


class Stream:
    """Reads one file from `start` on; positions count bytes of the decompressed stream.

    In a plain file positions are bytes of the file.
    """

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        file.seek(start)
        self._file = file
        self._raw = file.read(CHUNK)
        self._raw_at = start
        self.zipped = self._raw[:2] == MAGIC[:2]
        self.at = 0 if self.zipped else start
        self._buffer = bytearray()
        self._undo: zlib._Decompress | None = None
        self._member_at = start
        self._ends: deque[tuple[int, int]] = deque([(self.at, start)] if self.zipped else [])
        self._done = not self._raw
        self.damage: Damage | None = None

    def head(self, limit: int) -> bytes | None:
        """Take everything up to and with the first blank line; None: not in `limit` bytes."""
        searched = 0
        while True:
            if match := BLANK_LINE.search(self._buffer, searched, limit):
                return self._take(match.end())
            searched = max(0, len(self._buffer) - 3)
            if len(self._buffer) >= limit or not self._fill():
                return None

    def peek(self, size: int) -> bytes:
        """The next bytes, without taking them; fewer at the end."""
        while len(self._buffer) < size and self._fill():
            pass
        return bytes(self._buffer[:size])

    def ahead(self, size: int) -> bytes:
        """The next bytes as `peek` gives them; none where damage follows."""
        try:
            return self.peek(size)
        except Damage:
            return b""

    def read(self, size: int) -> bytes:
        """Take the next bytes; fewer at the end."""
        while len(self._buffer) < size and self._fill():
            pass
        return self._take(size)

    def skip(self, size: int) -> int:
        """Pass over bytes without keeping them; returns how many there were."""
        if not self.zipped and size > len(self._buffer):
            return self._seek(size)
        left = size
        while left > 0:
            if not self._buffer and not self._fill():
                break
            left -= len(self._take(left))
        return size - left

    def _seek(self, size: int) -> int:
        """Pass over bytes of a plain file without reading them."""
        start = self.at
        self.at = min(start + size, self._file.seek(0, os.SEEK_END))
        self._file.seek(self.at)
        self._raw = self._file.read(CHUNK)
        self._buffer.clear()
        self._done = not self._raw
        return self.at - start

    def unread(self, data: bytes) -> None:
        """Put bytes back that were just taken."""
        self._buffer[:0] = data
        self.at -= len(data)

    def boundary(self, position: int) -> int | None:
        """The byte of the file where a member ends or begins at that position; None: inside one.

        In a plain file each position is one. Ask in rising order: passed ones are forgotten.
        """
        if not self.zipped:
            return position
        if position == self.at and not self._buffer:
            self.ahead(1)
        while self._ends and self._ends[0][0] < position:
            self._ends.popleft()
        if self._ends and self._ends[0][0] == position:
            return self._ends[0][1]
        return None

    def next_boundary(self) -> int | None:
        """The first end of a member behind the present position, among what was peeked at."""
        return next((at for at, _ in self._ends if at > self.at), None)

    def skip_damage(self) -> bool:
        """Go to the next member behind the damage that holds the start of a record.

        Returns False where there is none; the stream is at its end then.
        """
        self.at += len(self._buffer)
        self._buffer.clear()
        self._undo = None
        self.damage = None
        self._ends.clear()
        at = self.record_from(self._member_at + 1)
        if at is None:
            self._done = True
            return False
        self._restart(at)
        return True

    def record_from(self, at: int, until: int | None = None) -> int | None:
        """The byte of the file at or behind `at`, before `until`, where a member holds a record."""
        while (at := self._magic_from(at, until)) >= 0:
            if self._begins_record(at):
                return at
            at += 1
        return None

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        self.at += len(data)
        return data

    def _fill(self) -> bool:
        """Add bytes to the buffer; False at the end, or before damage. Raises Damage at it."""
        if self._done:
            return False
        if self.damage is not None:
            if self._buffer:
                return False
            raise self.damage
        if not self.zipped:
            self._buffer += self._raw
            self._raw = self._file.read(CHUNK)
            self._done = not self._raw
            return True
        before = len(self._buffer)
        while not self._done and len(self._buffer) == before:
            try:
                self._inflate()
            except Damage as damage:
                self.damage = damage
                return self._fill()
        return len(self._buffer) > before

    def _inflate(self) -> None:
        """One step: some bytes of the member, or over its end to the next."""
        if self._undo is None:
            self._member_at = self._raw_at
            if len(self._raw) < len(MAGIC):
                self._more()
            if not self._raw.startswith(MAGIC):
                self._not_gzip()
                return
            self._undo = zlib.decompressobj(31)
        given = len(self._raw)
        try:
            self._buffer += self._undo.decompress(self._raw, BURST)
        except zlib.error as error:
            raise Damage(self._member_at, f"the gzip member is broken ({error})") from error
        self._raw = self._undo.unused_data if self._undo.eof else self._undo.unconsumed_tail
        self._raw_at += given - len(self._raw)
        if self._undo.eof:
            self._undo = None
            self._ends.append((self.at + len(self._buffer), self._raw_at))
        if not self._raw and not self._more():
            if self._undo is not None:
                raise Damage(self._member_at, "the gzip member is cut off", cut_off=True)
            self._done = True

    def _more(self) -> bool:
        data = self._file.read(CHUNK)
        self._raw += data
        return bool(data)

    def _not_gzip(self) -> None:
        """Zeros behind the last member are padding; anything else is damage."""
        start = self._raw_at
        while not self._raw.strip(b"\0"):
            self._raw_at += len(self._raw)
            self._raw = b""
            if not self._more():
                self._done = True
                return
        cut_off = MAGIC.startswith(self._raw)
        raise Damage(start, "no gzip member begins here", cut_off=cut_off)

    def _magic_from(self, at: int, until: int | None) -> int:
        overlap = len(MAGIC) - 1
        self._file.seek(at)
        held = b""
        while (until is None or at < until) and (data := self._file.read(1 << 20)):
            held += data
            found = held.find(MAGIC)
            if found >= 0:
                return at + found if until is None or at + found < until else -1
            at += len(held) - min(overlap, len(held))
            held = held[-overlap:]
        return -1

    def _begins_record(self, at: int) -> bool:
        self._file.seek(at)
        try:
            begin = zlib.decompressobj(31).decompress(self._file.read(CHUNK), 64)
        except zlib.error:
            return False
        return begin.lstrip(b"\r\n").startswith(b"WARC/")

    def _restart(self, at: int) -> None:
        self._file.seek(at)
        self._raw = self._file.read(CHUNK)
        self._raw_at = self._member_at = at
        self._ends.append((self.at, at))
