"""The child process of `documents`: frames in, text out, under a limit of memory.

A frame is two lengths (4 bytes each, big-endian), a JSON head and the file; the answer is a length
and JSON with `text` and `status`.
"""

import json
import os
import resource
import struct
import sys
from typing import BinaryIO

from kontum_crawler.extract.documents_text import read_document

_FRAME = struct.Struct(">II")
_REPLY = struct.Struct(">I")


def main() -> None:
    """Answer frames on stdin until it is closed; the first argument limits memory, in bytes."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Libraries that print must not print into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while frame := sys.stdin.buffer.read(_FRAME.size):
        head_size, size = _FRAME.unpack(frame)
        head = json.loads(sys.stdin.buffer.read(head_size))
        _answer(answers, *read_document(sys.stdin.buffer.read(size), **head))


def _answer(answers: BinaryIO, text: str | None, status: str) -> None:
    reply = json.dumps({"text": text, "status": status}).encode()
    answers.write(_REPLY.pack(len(reply)) + reply)
    answers.flush()
