"""The text of attached files, read in a process of its own with limits of time and memory.

A damaged or hostile file may crash, hang or fill the memory of whatever reads it; that is the
reader's child process here, which is started again for the next file.
"""

import atexit
import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

LARGEST = 128 * 1024 * 1024
"""Bytes of a file at most."""
SECONDS = 60.0
MEMORY = 1024**3
"""Bytes of address space that the child may take."""

_START = "from kontum_crawler.extract.documents_worker import main; main()"
_FRAME = struct.Struct(">II")
_REPLY = struct.Struct(">I")


def document_text(
    payload: bytes, media_type: str | None = None, filename: str | None = None
) -> tuple[str | None, str]:
    """The text of a file and its `text_status`, read by the shared child process.

    Status is ok, empty (nothing but pictures, a scan), encrypted, failed (damaged, of no known
    kind, or slower than 60 s) or too-big (file, unpacked content, text or memory over the limits);
    text is None for all but ok.
    """
    return _shared().read(payload, media_type, filename)


class Reader:
    """One child process that reads one file after the other; safe to use from many threads."""

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        """seconds: per file; memory: bytes of address space of the child."""
        self.seconds = seconds
        self.memory = memory
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(
        self, payload: bytes, media_type: str | None = None, filename: str | None = None
    ) -> tuple[str | None, str]:
        """As `document_text`."""
        if len(payload) > LARGEST:
            return None, "too-big"
        if not payload:
            return None, "empty"
        with self._lock:
            try:
                return self._ask(payload, media_type, filename)
            except (OSError, EOFError, TimeoutError):
                self.close()
                return None, "failed"

    def _ask(
        self, payload: bytes, media_type: str | None, filename: str | None
    ) -> tuple[str | None, str]:
        child = self._running()
        assert child.stdin is not None and child.stdout is not None
        until = time.monotonic() + self.seconds
        head = json.dumps({"media_type": media_type, "filename": filename}).encode()
        _send(child.stdin.fileno(), _FRAME.pack(len(head), len(payload)) + head, until)
        _send(child.stdin.fileno(), payload, until)
        (size,) = _REPLY.unpack(_receive(child.stdout.fileno(), _REPLY.size, until))
        answer = json.loads(_receive(child.stdout.fileno(), size, until))
        return answer["text"], answer["status"]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            root = str(Path(__file__).resolve().parents[2])
            paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
            self._child = subprocess.Popen(
                [sys.executable, "-c", _START, str(self.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
            )
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    os.set_blocking(pipe.fileno(), False)
        return self._child

    def close(self) -> None:
        """End the child; the next `read` starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _send(pipe: int, data: bytes, until: float) -> None:
    rest = memoryview(data)
    while rest:
        _, ready, _ = select.select([], [pipe], [], _left(until))
        if not ready:
            raise TimeoutError
        rest = rest[os.write(pipe, rest[:65536]) :]


def _receive(pipe: int, size: int, until: float) -> bytes:
    parts: list[bytes] = []
    while size:
        ready, _, _ = select.select([pipe], [], [], _left(until))
        if not ready:
            raise TimeoutError
        part = os.read(pipe, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _left(until: float) -> float:
    return max(0.0, until - time.monotonic())


@cache
def _shared() -> Reader:
    reader = Reader()
    atexit.register(reader.close)
    return reader
