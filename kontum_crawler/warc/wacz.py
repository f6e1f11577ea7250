"""WACZ: captures, their index and a list of pages in one ZIP file that replay tools open.

Source: WACZ 1.1.1. Entries that are compressed already, and the index, are stored, so that a reader
can fetch ranges; members are copied byte for byte.
"""

import hashlib
import json
import os
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from kontum_crawler import __version__
from kontum_crawler.clock import utc
from kontum_crawler.errors import ArchiveFull
from kontum_crawler.warc import cdxj, compose
from kontum_crawler.warc.member import compress
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Place, Record, RunInfo

ROLL_AT = 1_000_000_000
WARC_VERSION = "1.1.1"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page of the list: where a reader starts. fetched_at: UTC, as rows have it."""

    url: str
    fetched_at: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """What went in; `missing` are places at which no record can be read, each with the reason."""

    captures: int
    pages: int
    bytes: int
    missing: list[str]


def write_wacz(
    target: Path,
    captures: Iterable[Place],
    pages: Iterable[PageEntry],
    folder: Path,
    *,
    title: str,
    created: datetime,
    description: str = "",
) -> Packed:
    """Pack captures and pages into `target`; a half file never stands under that name.

    captures: places in the archive at `folder`, each once; a revisit wants its original among them.
    The request of each goes along. Raises ArchiveFull, naming the target, when the disk is full.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        # The index is sorted beside the target, where there is room for so much.
        with (
            tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch,
            partial.open("wb") as file,
        ):
            with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                package = _Package(archive, created, title, cdxj.Sorter(Path(scratch)))
                packed = package.fill(folder, captures, pages, description)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        where = f"{target}: {error.strerror or error}"
        raise ArchiveFull(f"{where}. Nothing stands under that name.") from error
    finally:
        partial.unlink(missing_ok=True)
    return Packed(packed.captures, packed.pages, target.stat().st_size, packed.missing)


class _Package:
    """A ZIP file under construction, with the digests of what is in it."""

    def __init__(
        self, archive: zipfile.ZipFile, created: datetime, title: str, index: cdxj.Sorter
    ) -> None:
        self.archive = archive
        self.created = created
        self.title = title
        self.resources: list[dict[str, object]] = []
        self.missing: list[str] = []
        self.captures = 0
        self.index = index

    def fill(
        self,
        folder: Path,
        captures: Iterable[Place],
        pages: Iterable[PageEntry],
        description: str,
    ) -> Packed:
        waiting = iter(captures)
        serial = 0
        while True:
            first = next(waiting, None)
            if first is None and serial:
                break
            serial += 1
            name = f"data-{serial:05d}.warc.gz"
            with self._entry(f"archive/{name}", zipfile.ZIP_STORED) as out:
                self._warc(out, name, folder, first, waiting)
        self._index()
        listed = self._pages(pages)
        self._describe(description)
        return Packed(self.captures, listed, 0, self.missing)

    def _warc(
        self, out: "_Digesting", name: str, folder: Path, first: Place | None, more: Iterator[Place]
    ) -> None:
        run = RunInfo(str(uuid.uuid4()), "export", self.created, description=self.title)
        out.write(compress(compose.warcinfo(name, "export", run, self.created, compose.new_id())))
        place = first
        while place is not None:
            try:
                self._copy(out, name, folder, place)
            except (OSError, ValueError) as error:
                self.missing.append(f"{place.file}: byte {place.offset:,}: {error}")
            place = next(more, None) if out.size < ROLL_AT else None

    def _copy(self, out: "_Digesting", name: str, folder: Path, place: Place) -> None:
        """The record, and its request where that lies right behind it."""
        path = folder / place.file
        reading = records(path, start=place.offset)
        answer = next(reading, None)
        if not isinstance(answer, Record):
            raise ValueError(str(answer or "the file ends before"))
        offset = out.size
        out.write(_member(path, answer))
        found = cdxj.entry(answer, name)
        if found is None:
            raise ValueError(f"a {answer.type} record is no capture")
        self.captures += 1
        # A player that finds an answer 304 shows an empty page; without a line for it, it shows
        # the page that was not modified.
        if (found.mime, found.status) != ("warc/revisit", 304):
            self.index.add(replace(found, length=out.size - offset, offset=offset).line())
        asked = next(reading, None)
        if isinstance(asked, Record) and asked.get("WARC-Concurrent-To") == answer.id != "":
            out.write(_member(path, asked))

    def _index(self) -> None:
        # CDXJ lines, but pywb looks for this ending only.
        with self._entry("indexes/index.cdx", zipfile.ZIP_STORED) as out:
            for line in self.index:
                out.write(line.encode())

    def _pages(self, pages: Iterable[PageEntry]) -> int:
        head = {"format": "json-pages-1.0", "id": "pages", "title": self.title, "hasText": True}
        count = 0
        with self._entry("pages/pages.jsonl", zipfile.ZIP_DEFLATED) as out:
            out.write(_json_line(head))
            for page in pages:
                count += 1
                name = uuid.uuid5(uuid.NAMESPACE_URL, f"{page.url} {page.fetched_at}")
                said = {"id": str(name), "url": page.url, "ts": page.fetched_at}
                out.write(_json_line({**said, "title": page.title, "text": page.text}))
        return count

    def _describe(self, description: str) -> None:
        said = {
            "profile": "data-package",
            "wacz_version": WARC_VERSION,
            "title": self.title,
            "description": description,
            "created": utc(self.created),
            "software": f"kontum_crawler/{__version__}",
            "resources": self.resources,
        }
        data = json.dumps(said, ensure_ascii=False, indent=2).encode()
        with self._entry("datapackage.json", zipfile.ZIP_DEFLATED) as out:
            out.write(data)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        with self._entry("datapackage-digest.json", zipfile.ZIP_DEFLATED) as out:
            out.write(json.dumps({"path": "datapackage.json", "hash": digest}).encode())

    def _entry(self, path: str, compression: int) -> "_Digesting":
        info = zipfile.ZipInfo(path, self.created.timetuple()[:6])
        info.compress_type = compression
        info.external_attr = 0o644 << 16
        return _Digesting(self.archive.open(info, "w", force_zip64=True), path, self._listed)

    def _listed(self, path: str, digest: str, size: int) -> None:
        if "/" in path:
            name = path.rpartition("/")[2]
            self.resources.append({"name": name, "path": path, "hash": digest, "bytes": size})


class _Digesting:
    """Writes one entry, and says at its end what its digest and size are."""

    def __init__(self, out: IO[bytes], path: str, done: Callable[[str, str, int], None]) -> None:
        self.out = out
        self.path = path
        self.done = done
        self.size = 0
        self.digest = hashlib.sha256()

    def __enter__(self) -> "_Digesting":
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self.out.close()
        if not failed:
            self.done(self.path, f"sha256:{self.digest.hexdigest()}", self.size)

    def write(self, data: bytes) -> None:
        self.out.write(data)
        self.digest.update(data)
        self.size += len(data)


def _member(path: Path, record: Record) -> bytes:
    """The record as one gzip member: its own bytes, or those of a plain file compressed."""
    with path.open("rb") as file:
        file.seek(record.offset)
        data = file.read(record.length)
    if record.alone and data[:2] == b"\x1f\x8b":
        return data
    fields = [pair for pair in record.fields if pair[0].lower() != "content-length"]
    return compress(compose.encode(fields, record.block))


def _json_line(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
