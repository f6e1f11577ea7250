"""One gzip member: a record as it lies in a file.

ISA-L (the extra `isal`) does the same work in a fraction of the time, and any gzip reads it.
Levels are those of benchmarks/warc.py: more would cost time and save next to nothing.
"""

import gzip
import zlib
from collections.abc import Callable

ZLIB_LEVEL = 4
ISAL_LEVEL = 2


def with_zlib(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=ZLIB_LEVEL, mtime=0)


def _compressor() -> tuple[str, Callable[[bytes], bytes]]:
    try:
        from isal import igzip
    except ImportError:
        return "zlib", with_zlib
    return "isal", lambda data: bytes(igzip.compress(data, compresslevel=ISAL_LEVEL, mtime=0))


ENGINE, compress = _compressor()


def unpack(data: bytes) -> bytes:
    """The bytes of one member. Raises ValueError where it is broken or cut off."""
    undo = zlib.decompressobj(31)
    try:
        out = undo.decompress(data)
    except zlib.error as error:
        raise ValueError(f"the gzip member is broken: {error}") from error
    if not undo.eof:
        raise ValueError("the gzip member is cut off")
    return out
