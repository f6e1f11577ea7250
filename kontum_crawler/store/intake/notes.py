"""What the archive writes down about itself in `metadata` records, so that a rebuild knows it.

A tombstone says what was withdrawn, a provenance where a foreign file came from.
"""

from dataclasses import dataclass
from pathlib import Path

from kontum_crawler.clock import parse_utc
from kontum_crawler.store.identity.tombstones import Tombstone
from kontum_crawler.warc.compose import parse_warc_fields
from kontum_crawler.warc.records import Record, RunInfo
from kontum_crawler.warc.writer import Writer

TOMBSTONE = "kontum-tombstone"
PROVENANCE = "kontum-provenance"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a foreign file came from.

    name: in the archive, as `warc/x.warc.gz`. source: its name outside, or `x.wacz!archive/y` for
    one out of a package. taken_at: UTC. package: SHA-256 of the WACZ, where it came out of one.
    """

    name: str
    source: str
    sha256: str
    taken_at: str
    package: str = ""


def write_tombstone(folder: Path, tombstone: Tombstone, run: RunInfo, worker: str) -> None:
    """Put a tombstone on disk, in a file of its own. Raises ArchiveFull."""
    fields = [
        (TOMBSTONE, "1"),
        ("portal", tombstone.portal),
        ("slug", tombstone.slug),
        ("url", tombstone.url),
        ("reason", tombstone.reason),
        ("at", tombstone.at),
        *(("page", page) for page in tombstone.pages),
    ]
    with Writer(folder, worker=worker, run=run) as writer:
        writer.metadata(tombstone.url, fields, at=parse_utc(tombstone.at)).result()


def write_provenance(writer: Writer, found: Provenance) -> None:
    """Put a provenance on disk before the file that it is about. Raises ArchiveFull."""
    fields = [
        (PROVENANCE, "1"),
        ("name", found.name),
        ("source", found.source),
        ("sha256", found.sha256),
        ("taken-at", found.taken_at),
    ]
    if found.package:
        fields.append(("package-sha256", found.package))
    name = found.name.rpartition("/")[2]
    writer.metadata(f"file:{name}", fields, at=parse_utc(found.taken_at)).result()
    writer.sync().result()


def read_note(record: Record) -> Tombstone | Provenance | None:
    """What a `metadata` record of ours says; None for any other record."""
    if record.type != "metadata" or not record.block.startswith(b"kontum-"):
        return None
    fields = parse_warc_fields(record.block)
    said = dict(fields)
    if TOMBSTONE in said and {"portal", "slug", "at"} <= said.keys():
        pages = tuple(value for name, value in fields if name == "page")
        return Tombstone(
            said["portal"],
            said["slug"],
            said.get("url", record.url),
            said.get("reason", ""),
            said["at"],
            pages,
        )
    if PROVENANCE in said and {"name", "sha256", "taken-at"} <= said.keys():
        return Provenance(
            said["name"],
            said.get("source", ""),
            said["sha256"],
            said["taken-at"],
            said.get("package-sha256", ""),
        )
    return None
