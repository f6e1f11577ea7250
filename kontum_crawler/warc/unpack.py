"""WACZ files of other tools: the WARC files in them, taken out unchanged, and what they claim."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kontum_crawler.errors import ArchiveError
from kontum_crawler.warc.records import Fault

MOST_DECODED = 1_000_000_000
RATIO = 200
LARGEST_LIST = 100_000_000
SUFFIXES = (".warc", ".warc.gz")
PACKAGE = ".wacz"


@dataclass(frozen=True, slots=True)
class Packed:
    """One WARC file of a package, or a package in it (multi-WACZ).

    claim: the digest that datapackage.json gives it, or empty.
    """

    entry: str
    size: int
    claim: str = ""

    @property
    def name(self) -> str:
        """The file's own name, without folders."""
        return self.entry.replace("\\", "/").rpartition("/")[2]

    @property
    def is_package(self) -> bool:
        """Whether it is a package itself."""
        return self.entry.lower().endswith(PACKAGE)


def contents(path: Path, *, nested: bool = True) -> tuple[list[Packed], list[Fault]]:
    """The WARC files of a package, those packages that it holds, and what is wrong with it.

    nested: whether it may hold packages. Raises ArchiveError where the file is no ZIP file that
    can be read.
    """
    wanted = (*SUFFIXES, PACKAGE) if nested else SUFFIXES
    try:
        with zipfile.ZipFile(path) as archive:
            claims, faults = _claims(archive, path)
            found = [info for info in archive.infolist() if _is_wanted(info, wanted)]
            for info in [info for info in found if _is_bomb(info)]:
                what = f"{info.filename} would grow to {info.file_size:,} bytes; it is passed over"
                faults.append(Fault(path.name, info.header_offset, what, kind="package"))
                found.remove(info)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise ArchiveError(f"{path}: it is no WACZ that can be read: {error}") from error
    packed = [
        Packed(info.filename, info.file_size, claims.get(info.filename, "")) for info in found
    ]
    if not packed:
        faults.append(Fault(path.name, 0, "there is no WARC file in it", kind="package"))
    return packed, faults


def take_out(path: Path, packed: Packed, target: Path) -> Fault | None:
    """Write one WARC file of a package to `target`; says if its bytes are not what is claimed.

    Raises ArchiveError where the entry cannot be read, and OSError.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(packed.entry) as source:
            with target.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            offset = archive.getinfo(packed.entry).header_offset
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ArchiveError(f"{path}: {packed.entry} cannot be read: {error}") from error
    if not packed.claim:
        return None
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if packed.claim.rpartition(":")[2].lower() == digest:
        return None
    return Fault(
        path.name,
        offset,
        f"{packed.entry} does not match its digest {packed.claim}",
        kind="package",
    )


def _claims(archive: zipfile.ZipFile, path: Path) -> tuple[dict[str, str], list[Fault]]:
    """Digests by entry, from datapackage.json; that file is held against its own digest."""
    try:
        if archive.getinfo("datapackage.json").file_size > LARGEST_LIST:
            return {}, [
                Fault(
                    path.name, 0, f"datapackage.json is over {LARGEST_LIST:,} bytes", kind="package"
                )
            ]
        data = archive.read("datapackage.json")
    except KeyError:
        return {}, [Fault(path.name, 0, "datapackage.json is missing", kind="package")]
    faults = list(_digest_faults(archive, path, data))
    try:
        listed = json.loads(data)["resources"]
        return {str(item["path"]): str(item["hash"]) for item in listed}, faults
    except (ValueError, KeyError, TypeError) as error:
        offset = archive.getinfo("datapackage.json").header_offset
        what = f"datapackage.json cannot be read: {error!r}"
        return {}, [*faults, Fault(path.name, offset, what, kind="package")]


def _digest_faults(archive: zipfile.ZipFile, path: Path, data: bytes) -> Iterator[Fault]:
    try:
        said = str(json.loads(archive.read("datapackage-digest.json"))["hash"])
    except (KeyError, ValueError, TypeError):
        return
    if said.rpartition(":")[2].lower() != hashlib.sha256(data).hexdigest():
        offset = archive.getinfo("datapackage.json").header_offset
        yield Fault(
            path.name, offset, f"datapackage.json does not match its digest {said}", kind="package"
        )


def _is_wanted(info: zipfile.ZipInfo, suffixes: tuple[str, ...]) -> bool:
    return not info.is_dir() and info.filename.lower().endswith(suffixes)


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    grown = info.file_size > MOST_DECODED and info.file_size > RATIO * max(1, info.compress_size)
    return grown and info.compress_type != zipfile.ZIP_STORED
