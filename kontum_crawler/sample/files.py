"""Pictures and documents that the sample portal offers, made by our own code when asked for."""

import struct
import tomllib
import zlib
from functools import cache

from . import shelf
from .office import docx, pdf, scanned_pdf

MEDIA = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@cache
def get(name: str) -> tuple[bytes, str] | None:
    """Bytes and media type of a file; None if the portal has none of that name."""
    suffix = name.rpartition(".")[2]
    if suffix in ("png", "jpg"):
        return (_picture(name), MEDIA[suffix]) if name in pictures() else None
    document = documents().get(name)
    if document is None:
        return None
    if suffix == "docx":
        return docx(document), MEDIA[suffix]
    return (pdf(document) if document else scanned_pdf()), MEDIA["pdf"]


def size(name: str) -> int:
    """The size of a file in bytes."""
    held = get(name)
    if held is None:
        raise ValueError(f"the sample has no file {name!r}")
    return len(held[0])


def media_type(name: str) -> str:
    """The media type under which a file is served."""
    return MEDIA[name.rpartition(".")[2]]


def text(name: str) -> str:
    """The text of a document, one line a paragraph; empty for a scan."""
    return "\n".join(documents()[name])


@cache
def documents() -> dict[str, list[str]]:
    """File name to paragraphs; a scan has none."""
    table: dict[str, list[str]] = tomllib.loads(shelf.text("files.toml"))["documents"]
    return table


@cache
def pictures() -> frozenset[str]:
    """The names of all pictures."""
    return frozenset(tomllib.loads(shelf.text("files.toml"))["pictures"])


def _picture(name: str) -> bytes:
    if name.endswith(".jpg"):
        return (shelf.DATA / "anh.jpg").read_bytes()
    seed = zlib.crc32(name.encode())
    return png(96, 64, (seed & 255, seed >> 8 & 255, seed >> 16 & 255))


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG of hills under a sky, tinted; width and height in pixels."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            hill = height // 2 + (x * 7 % 31 - 15) // 3 + (x * x // 97) % 9
            shade = 90 + 120 * y // height if y < hill else 60
            rows += bytes((c + shade) // 2 & 255 for c in colour)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
