"""Text of Word files of 1997 to 2003, read from their piece table.

Source: [MS-CFB] for the compound file, [MS-DOC] 2.4.1 (retrieving text), 2.5.1 (Fib), 2.8.35
(PlcPcd), 2.9.73 (FcCompressed).
"""

import re
import struct

_END = 0xFFFFFFFE
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x15]*))?\x15")
_CONTROL = re.compile("[\x00-\x06\x08\x0e-\x1f]")
_MINI_CUTOFF = 4096


class Encrypted(Exception):
    """The file asks for a password."""


def is_encrypted_package(payload: bytes) -> bool:
    """Whether a compound file is a newer Office file behind a password."""
    return "EncryptedPackage".encode("utf-16-le") in payload


def word_text(payload: bytes) -> str:
    """The main text of a Word file; cells are followed by a tab, paragraphs by a newline.

    Raises Encrypted, and ValueError, KeyError, struct.error or IndexError for a damaged file.
    """
    streams = _Compound(payload)
    word = streams.stream("WordDocument")
    flags = struct.unpack_from("<H", word, 0x0A)[0]
    if flags & 0x0100:
        raise Encrypted
    table = streams.stream("1Table" if flags & 0x0200 else "0Table")
    characters = struct.unpack_from("<i", word, 0x4C)[0]
    start, size = struct.unpack_from("<II", word, 0x01A2)
    text = "".join(_pieces(word, table[start : start + size]))[:characters]
    return _readable(text)


def _pieces(word: bytes, clx: bytes) -> list[str]:
    position = 0
    while clx[position] == 1:
        position += 3 + struct.unpack_from("<H", clx, position + 1)[0]
    size = struct.unpack_from("<I", clx, position + 1)[0]
    plc = clx[position + 5 : position + 5 + size]
    count = (size - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", plc)
    result: list[str] = []
    for number in range(count):
        place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        length = bounds[number + 1] - bounds[number]
        if place & 0x40000000:
            first = (place & 0x3FFFFFFF) // 2
            result.append(word[first : first + length].decode("cp1252", "replace"))
        else:
            result.append(word[place : place + 2 * length].decode("utf-16-le", "replace"))
    return result


def _readable(text: str) -> str:
    for _ in range(20):
        shorter = _FIELD.sub(lambda match: match[1] or "", text)
        if shorter == text:
            break
        text = shorter
    text = text.replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n")
    text = text.replace("\x1e", "-").replace("\x1f", "").replace("\x07", "\t")
    return _CONTROL.sub("", text)


class _Compound:
    """The streams of a compound file."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        head = struct.unpack_from("<HH", payload, 0x1E)
        self.sector, self.mini = 1 << head[0], 1 << head[1]
        fat_sectors, directory = struct.unpack_from("<II", payload, 0x2C)
        mini_fat, _, first_difat, difats = struct.unpack_from("<IIII", payload, 0x3C)
        places = list(struct.unpack_from("<109I", payload, 0x4C))
        while difats and first_difat < _END:
            more = struct.unpack(f"<{self.sector // 4}I", self._sector(first_difat))
            places += more[:-1]
            first_difat = more[-1]
            difats -= 1
        self.fat: list[int] = []
        for place in places[:fat_sectors]:
            self.fat += struct.unpack(f"<{self.sector // 4}I", self._sector(place))
        self.entries = self._directory(self._chain(directory))
        self.mini_fat: list[int] = []
        if mini_fat < _END:
            table = self._chain(mini_fat)
            self.mini_fat = list(struct.unpack(f"<{len(table) // 4}I", table))
        self.mini_stream = self._chain(self.entries["Root Entry"][0])

    def stream(self, name: str) -> bytes:
        """The content of a stream. Raises KeyError where the file has none of that name."""
        start, size = self.entries[name]
        if size >= _MINI_CUTOFF:
            return self._chain(start)[:size]
        parts: list[bytes] = []
        for place in _follow(self.mini_fat, start):
            parts.append(self.mini_stream[place * self.mini : (place + 1) * self.mini])
        return b"".join(parts)[:size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector
        return self.payload[start : start + self.sector].ljust(self.sector, b"\0")

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(place) for place in _follow(self.fat, start))

    @staticmethod
    def _directory(raw: bytes) -> dict[str, tuple[int, int]]:
        entries: dict[str, tuple[int, int]] = {}
        for position in range(0, len(raw) - 127, 128):
            length = struct.unpack_from("<H", raw, position + 64)[0]
            if 2 <= length <= 64:
                name = raw[position : position + length - 2].decode("utf-16-le", "replace")
                entries[name] = struct.unpack_from("<II", raw, position + 116)
        return entries


def _follow(table: list[int], start: int) -> list[int]:
    """The sectors of a chain. Raises ValueError for one that bites its tail."""
    chain: list[int] = []
    while start < len(table):
        chain.append(start)
        if len(chain) > len(table):
            raise ValueError("a chain of sectors has no end")
        start = table[start]
    return chain
