"""WARC, WARC.gz and WACZ files into the archive.

A foreign file is copied unchanged into `warc/`; where it came from stands in a `metadata` record of
a file of ours, written before the copy has its name. Files inside the archive are registered where
they are, so `kontum ingest DIR/warc/*` builds a lost `kontum.db` again.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kontum_crawler import clock
from kontum_crawler.errors import ArchiveError, ArchiveFull
from kontum_crawler.store.intake import warcfiles
from kontum_crawler.store.intake.notes import Provenance, read_note, write_provenance
from kontum_crawler.store.intake.stretches import Readers, worth_processes
from kontum_crawler.store.intake.taking import Intake
from kontum_crawler.store.intake.tally import Tally
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.reader import kind_of, records
from kontum_crawler.warc.records import Fault, Record
from kontum_crawler.warc.unpack import Packed, contents, take_out

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive

NAMED = (*warcfiles.SUFFIXES, ".wacz", ".arc", ".arc.gz", ".warc.zst")
"""Names of web archives; those that are not read are told."""
NO_WARC = {
    "empty": "it is empty",
    "arc": "it is an ARC file, which is not read; convert it with `warcio recompress`",
    "zst": "it is compressed with zstd, which is not read; unpack it with `zstd -d` first",
    "zip": "it is a ZIP file without the name of a WACZ; rename it if it is one",
    "other": "no WARC record begins there, so it is no WARC or WACZ file",
}
WHOLE = -1
"""Stands for a byte where a whole file is meant."""
Progress = Callable[[str, int, int], None]


class Ingest:
    """One run of ingest over some files. For use under the write lock."""

    def __init__(self, intake: Intake, progress: Progress | None = None) -> None:
        self.intake = intake
        self.archive: Archive = intake.archive
        self.warc = self.archive.folder / warcfiles.FOLDER
        self.progress = progress
        self._number = self._of = 0
        self._digests: dict[str, str] | None = None

    def run(self, paths: Iterable[Path], unfinished: Iterable[str] = ()) -> Tally:
        """Take in files and folders; what cannot be read goes to `problems`.

        unfinished: foreign files (`warc/…`) that an earlier run brought in and did not read to
        their end. Files are taken in by name, whatever the order in which they are given.
        Raises ArchiveFull, and OSError where a file of the archive itself cannot be read.
        """
        inside, outside = self._sorted(paths, unfinished)
        if inside:
            self.learn(warcfiles.on_disk(self.archive.folder))
        inside.sort(key=self.turn)
        self._of = len(inside) + len(outside)
        files: Iterator[tuple[str, int]] = chain(self._due(inside), self._brought(outside))
        large = (*(self.archive.folder / name for name in inside), *outside)
        if worth_processes(large, self.intake.answerer):
            self.intake.readers = Readers(self.archive.folder, self.intake.answerer)
            files = self.intake.readers.through(files)
        for name, start in files:
            self._take(name, start)
        self.intake.readers = None
        self.intake.finish()
        return self.intake.tally

    def _sorted(
        self, paths: Iterable[Path], unfinished: Iterable[str]
    ) -> tuple[list[str], list[Path]]:
        """Files of the archive itself (by name), and others, each once."""
        inside = dict.fromkeys(unfinished)
        outside: dict[Path, None] = {}
        for path in _expanded(paths, self.intake.refuse):
            if path.resolve().parent == self.warc.resolve():
                if path.name.lower().endswith(warcfiles.SUFFIXES):
                    inside[f"{warcfiles.FOLDER}/{path.name}"] = None
            else:
                outside[path] = None
        return list(inside), sorted(outside, key=lambda path: (path.name, str(path)))

    def learn(self, names: Iterable[str]) -> None:
        """Read what our files say of foreign ones, before those are read."""
        for name in names:
            reading = records(self.archive.folder / name, name=name)
            first = next(reading, None)
            if (
                not warcfiles.is_ours(name)
                or not isinstance(first, Record)
                or first.type != "warcinfo"
            ):
                continue
            said = dict(parse_warc_fields(first.block))
            if said.get("kontum-command", "").split(" ")[0] == "crawl":
                continue
            for item in reading:
                note = read_note(item) if isinstance(item, Record) else None
                if isinstance(note, Provenance):
                    self.intake.provenances[note.name] = (note, self._run_id(said, first))

    def _run_id(self, said: dict[str, str], first: Record) -> int:
        key = said.get("kontum-run")
        if not key:
            return self.intake.run.id
        started_at = said.get("kontum-started", first.get("WARC-Date"))
        command = said.get("kontum-command", "ingest")
        return self.archive.restore_run(key, command, started_at, outcome="restored").id

    def turn(self, name: str) -> tuple[bool, str, str]:
        """Ours by time, then foreign ones in the order in which they came."""
        note = self.intake.provenances.get(name)
        return (note is not None, note[0].taken_at if note else "", name)

    def register(self, name: str) -> None:
        """Take in a file that lies in the archive already."""
        for each, start in self._due([name]):
            self._take(each, start)

    def _due(self, names: Iterable[str]) -> Iterator[tuple[str, int]]:
        """Files in the archive that have something to be read yet, and from which byte on."""
        for name in names:
            path = self.archive.folder / name
            held = warcfiles.known(self.archive.db).get(name)
            size = path.stat().st_size
            if held is not None and held.scanned == size:
                self.intake.tally.held += 1
                continue
            if held is None and not warcfiles.is_ours(name) and name not in self.intake.provenances:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                self._note(Provenance(name, path.name, digest, clock.utc(clock.now())))
            yield name, held.scanned if held and held.scanned < size else 0

    def _brought(self, paths: Iterable[Path]) -> Iterator[tuple[str, int]]:
        """Copy foreign files in, one by one; gives what each is called here."""
        for path in paths:
            names: list[str] = []
            try:
                kind = kind_of(path)
                if kind == "wacz":
                    names = self._unpacked(path)
                elif kind == "warc":
                    names = self._copied(path, partial(_copy, path), path.name)
                else:
                    told = f"{NO_WARC[kind]}. Nothing was taken in."
                    self.intake.refuse(Fault(str(path), 0, told, kind="no-warc"))
            except ArchiveFull:
                raise
            except (OSError, ArchiveError) as error:
                self.intake.refuse(unreadable(path, error))
            yield from ((name, 0) for name in names)

    def _unpacked(self, path: Path) -> list[str]:
        with path.open("rb") as file:
            package = hashlib.file_digest(file, "sha256").hexdigest()
        return self._contents(path, path.name, package)

    def _contents(self, path: Path, source: str, package: str, *, nested: bool = True) -> list[str]:
        """Bring in the WARC files of a package, and of the packages in it; gives their names.

        source: what the package is called outside. package: SHA-256 of the outermost one.
        """
        found, faults = contents(path, nested=nested)
        for fault in faults:
            self.intake.refuse(replace(fault, file=source))
        names: list[str] = []
        for packed in found:
            inner = f"{source}!{packed.entry}"
            if packed.is_package:
                names += self._nested(path, packed, inner, package)
                continue
            fill = partial(self._take_out, path, packed, source)
            names += self._copied(path, fill, packed.name, inner, package)
        return names

    def _nested(self, path: Path, packed: Packed, source: str, package: str) -> list[str]:
        self.warc.mkdir(parents=True, exist_ok=True)
        half = self.warc / "nested.wacz.partial"
        try:
            _or_full(half, partial(self._take_out, path, packed, source.rpartition("!")[0]))
            return self._contents(half, source, package, nested=False)
        except ArchiveFull:
            raise
        except ArchiveError as error:
            told = str(error).replace(str(half), source)
            self.intake.refuse(Fault(source, 0, told, kind="package"))
            return []
        finally:
            half.unlink(missing_ok=True)

    def _take_out(self, path: Path, packed: Packed, source: str, target: Path) -> str:
        fault = take_out(path, packed, target)
        if fault is not None:
            self.intake.refuse(replace(fault, file=source))
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _copied(
        self,
        path: Path,
        fill: Callable[[Path], str],
        name: str,
        source: str = "",
        package: str = "",
    ) -> list[str]:
        """Bring a file's bytes in under a name of their own; none where they are here already."""
        self.warc.mkdir(parents=True, exist_ok=True)
        half = self.warc / f"{name}.partial"
        try:
            digest = _or_full(half, fill)
            if self._is_held(digest):
                self.intake.tally.held += 1
                return []
            target = self._free(name, half)
            relative = f"{warcfiles.FOLDER}/{target.name}"
            now = clock.utc(clock.now())
            self._note(Provenance(relative, source or path.name, digest, now, package))
            half.rename(target)
            warcfiles.sync_folder(self.warc)
        finally:
            half.unlink(missing_ok=True)
        return [relative]

    def _is_held(self, digest: str) -> bool:
        """Whether a foreign file with these bytes lies in the archive."""
        if self._digests is None:
            known = warcfiles.known(self.archive.db).values()
            self._digests = {each.sha256: each.name for each in known if each.sha256}
        name = self._digests.get(digest)
        return name is not None and (self.archive.folder / name).is_file()

    def _free(self, name: str, half: Path) -> Path:
        """A name in `warc/` that no file has, as near to the foreign one as can be."""
        stem, suffix = _parted(name, half)
        serial = 1
        while True:
            tried = self.warc / (f"{stem}{suffix}" if serial == 1 else f"{stem}-{serial}{suffix}")
            if not tried.exists():
                return tried
            serial += 1

    def _note(self, found: Provenance) -> None:
        write_provenance(self.intake.writer, found)
        with self.archive.transaction():
            warcfiles.note(self.archive.db, found.name, 0, found)
        self.intake.provenances[found.name] = (found, self.intake.run.id)
        if self._digests is not None:
            self._digests[found.sha256] = found.name

    def _take(self, name: str, start: int) -> None:
        path = self.archive.folder / name
        size = path.stat().st_size
        self.intake.tally.files += 1
        self._number += 1
        of = f" ({self._number} of {max(self._of, self._number)})" if self._of > 1 else ""
        tell = self.progress
        what = f"{path.name}{of}"
        self.intake.take(name, start, (lambda done: tell(what, done, size)) if tell else None)


def unreadable(path: Path, error: Exception) -> Fault:
    """A file that cannot be read at all, as what is refused."""
    told = getattr(error, "strerror", None) or str(error)
    return Fault(str(path), WHOLE, f"{path}: {told.removeprefix(f'{path}: ')}", kind="unreadable")


def _expanded(paths: Iterable[Path], refuse: Callable[[Fault], None]) -> list[Path]:
    """The files named, and those of folders whose names say what they are."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        wanted = [each for each in _below(path, refuse) if each.name.lower().endswith(NAMED)]
        if not wanted:
            told = f"{path}: there is no .warc, .warc.gz or .wacz file in this folder"
            refuse(Fault(str(path), WHOLE, told, kind="no-warc"))
        found += wanted
    return found


def _below(folder: Path, refuse: Callable[[Fault], None]) -> Iterator[Path]:
    """The files below a folder, and links that lead nowhere; folders that are closed are told."""

    def closed(error: OSError) -> None:
        refuse(unreadable(Path(error.filename), error))

    for where, folders, names in os.walk(folder, onerror=closed):
        folders.sort()
        for name in sorted(names):
            path = Path(where, name)
            if not _is_pipe(path):
                yield path


def _is_pipe(path: Path) -> bool:
    """Whether reading would never end; what cannot be looked at is told when it is read."""
    try:
        return path.exists() and not path.is_file()
    except OSError:
        return False


def _copy(path: Path, target: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source, target.open("wb") as out:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _or_full(target: Path, fill: Callable[[Path], str]) -> str:
    """Fill a file and sync it; a full disk of ours is told from a file that cannot be read."""
    try:
        digest = fill(target)
        with target.open("rb") as file:
            os.fsync(file.fileno())
        return digest
    except OSError as error:
        if error.filename and Path(error.filename) != target:
            raise
        raise ArchiveFull(
            f"{target.parent}: {error.strerror or error}. The file was not taken in; make room,"
            " then run `kontum ingest` again."
        ) from error


def _parted(name: str, half: Path) -> tuple[str, str]:
    """Name and suffix as `warc/` wants them, whatever the file was called."""
    clean = re.sub(r"[^\w.+-]+", "-", name).strip("-.") or "file"
    for suffix in reversed(warcfiles.SUFFIXES):
        if clean.lower().endswith(suffix):
            return clean[: -len(suffix)], suffix
    with half.open("rb") as file:
        return clean, ".warc.gz" if file.read(2) == b"\x1f\x8b" else ".warc"
