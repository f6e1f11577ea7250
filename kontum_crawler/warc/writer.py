"""The writer: records appended to files of its own, off the event loop.

One thread owns the file. `exchange` and `metadata` hand over and return futures at once; a record
counts as kept when a `sync` asked for after it is done, and only then may the database speak of it.
"""

import os
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from kontum_crawler.errors import ArchiveFull
from kontum_crawler.warc import compose
from kontum_crawler.warc.digests import sha1_base32, sha256_hex
from kontum_crawler.warc.http import parse_head, payload_of
from kontum_crawler.warc.member import compress
from kontum_crawler.warc.records import Exchange, Original, Place, RunInfo, Written

ROLL_AT = 1_000_000_000
REMEMBERED = 200_000
T = TypeVar("T")


class Writer:
    """Writes the records of one run and one worker below `<folder>/warc/`.

    folder: the archive's. worker: a name that no other machine or process of the run has.
    roll_at: bytes after which the next record begins a file. originals: asked, in the writer's
    thread, for the capture that holds a payload (`sha256:<hex>`); what this run wrote itself is
    known without asking. The first file is made with the first record.
    """

    def __init__(
        self,
        folder: Path,
        *,
        worker: str,
        run: RunInfo,
        roll_at: int = ROLL_AT,
        originals: Callable[[str], Original | None] | None = None,
    ) -> None:
        self.folder = folder
        self.worker = re.sub(r"[^A-Za-z0-9]+", "-", worker).strip("-") or "worker"
        self.run = run
        self.roll_at = roll_at
        self.files: list[str] = []
        self._originals = originals
        self._seen: OrderedDict[str, Original] = OrderedDict()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warc")
        self._file: BinaryIO | None = None
        self._size = 0
        self._warcinfo_id = ""
        self._failed: ArchiveFull | None = None
        self._closing = threading.Lock()
        self._closed = False

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def exchange(self, exchange: Exchange, *, repeats: Original | None = None) -> Future[Written]:
        """Write an answer and its request.

        A payload that is held becomes a `revisit`; so does a 304 whose `repeats` names the capture
        that its validators came from, and a capture without a head, known from a list alone.
        The future raises ArchiveFull, with the path, when the disk takes no more: the file is cut
        back to its last complete record first.
        """
        return self._thread.submit(self._exchange, exchange, repeats)

    def metadata(
        self, target: str, fields: list[tuple[str, str]], *, at: datetime, refers_to: str = ""
    ) -> Future[Place]:
        """Write a `metadata` record about an address or a file: a tombstone, a provenance."""
        return self._thread.submit(self._metadata, target, fields, at, refers_to)

    def copy(self, fields: list[tuple[str, str]], block: bytes) -> Future[Place]:
        """Write a record of another file again, its block untouched, under header fields of ours.

        fields: without Content-Length and WARC-Warcinfo-ID.
        """
        return self._thread.submit(self._copy, fields, block)

    def sync(self) -> Future[None]:
        """Done when everything handed over before is on the disk itself."""
        return self._thread.submit(self._sync)

    def close(self) -> None:
        """Write out what is waiting, sync, and close. Raises ArchiveFull as `exchange` does."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        try:
            self._thread.submit(self._finish).result()
        finally:
            self._thread.shutdown(wait=True)

    def _exchange(self, exchange: Exchange, repeats: Original | None) -> Written:
        head = parse_head(exchange.head)
        if exchange.head:
            payload = payload_of(head, exchange.body)
            sha1, sha256 = sha1_base32(payload), sha256_hex(payload)
            if head.status != 304:
                repeats = None if exchange.truncated or not payload else self._original(sha256)
            elif repeats is not None:
                sha1, sha256 = self._digests_of(repeats)
        elif repeats is not None:
            sha1, sha256 = self._digests_of(repeats)
        else:
            raise ValueError(f"{exchange.url}: a capture without a head must repeat another")
        self._ready()
        response_id = compose.new_id()
        request_id = compose.new_id() if exchange.request else ""
        ids = (response_id, request_id, self._warcinfo_id)
        if repeats is not None:
            answer = compose.revisit(exchange, ids, (sha1, sha256), repeats)
        else:
            answer = compose.response(exchange, ids, (sha1, sha256))
        group = [answer]
        if request_id:
            group.append(compose.request(exchange, (request_id, response_id, self._warcinfo_id)))
        place = self._append(group)
        if repeats is None and exchange.body and not exchange.truncated:
            self._remember(Original(exchange.url, exchange.fetched_at, sha256, sha1))
        return Written(place, response_id, sha256, sha1, head.status, head.media_type, repeats)

    def _original(self, digest: str) -> Original | None:
        known = self._seen.get(digest)
        return known if known or self._originals is None else self._originals(digest)

    def _digests_of(self, repeats: Original) -> tuple[str, str]:
        """Both digests of a payload that is held; SHA-256 alone where nobody knows the other."""
        sha256 = repeats.payload_digest
        known = repeats if repeats.sha1 else self._original(sha256)
        return (known and known.sha1) or sha256, sha256

    def _remember(self, original: Original) -> None:
        self._seen[original.payload_digest] = original
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)

    def _metadata(
        self, target: str, fields: list[tuple[str, str]], at: datetime, refers_to: str
    ) -> Place:
        self._ready()
        ids = (compose.new_id(), refers_to, self._warcinfo_id)
        return self._append([compose.metadata(target, fields, at, ids)])

    def _copy(self, fields: list[tuple[str, str]], block: bytes) -> Place:
        self._ready()
        ours = [*fields, ("WARC-Warcinfo-ID", self._warcinfo_id)]
        return self._append([compose.encode(ours, block)])

    def _ready(self) -> None:
        """Have a file that may still grow."""
        if self._failed is not None:
            raise self._failed
        if self._file is not None and self._size < self.roll_at:
            return
        self._finish()
        now = datetime.now(UTC)
        self._file, name = self._guarded(lambda: self._create(now))
        self.files.append(f"warc/{name}")
        self._size = 0
        self._warcinfo_id = compose.new_id()
        self._append([compose.warcinfo(name, self.worker, self.run, now, self._warcinfo_id)])

    def _create(self, now: datetime) -> tuple[BinaryIO, str]:
        folder = self.folder / "warc"
        folder.mkdir(parents=True, exist_ok=True)
        stamp = now.strftime("%Y%m%d%H%M%S") + f"{now.microsecond // 1000:03d}"
        while True:
            serial = len(self.files) + 1
            name = f"kontum-{stamp}-{serial:05d}-{self.worker}-{secrets.token_hex(3)}.warc.gz"
            try:
                file = (folder / name).open("xb", buffering=0)
            except FileExistsError:
                continue
            _sync_folder(folder)
            return file, name

    def _append(self, group: list[bytes]) -> Place:
        """Write records one behind the other; returns the place of the first."""
        self._ready()
        members = [compress(record) for record in group]
        offset = self._size
        self._guarded(lambda: self._write(b"".join(members)))
        self._size += sum(map(len, members))
        return Place(self.files[-1], offset, len(members[0]))

    def _write(self, data: bytes) -> None:
        assert self._file is not None
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def _sync(self) -> None:
        if self._failed is not None:
            raise self._failed
        if self._file is not None:
            descriptor = self._file.fileno()
            self._guarded(lambda: os.fsync(descriptor))

    def _finish(self) -> None:
        try:
            self._sync()
        finally:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do it, or cut the file back to its last complete record and take no more."""
        try:
            return work()
        except OSError as error:
            path = self.folder / (self.files[-1] if self.files else "warc")
            if self._file is not None:
                self._cut_back(self._file)
            self._failed = ArchiveFull(
                f"{path}: {error.strerror or error}. Everything before is kept; make room, then"
                " run the command again."
            )
            raise self._failed from error

    def _cut_back(self, file: BinaryIO) -> None:
        try:
            os.ftruncate(file.fileno(), self._size)
            os.fsync(file.fileno())
        except OSError:
            # The device itself is failing; the next command that writes cuts the file back.
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
