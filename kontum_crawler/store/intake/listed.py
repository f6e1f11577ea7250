"""Lists of other archives that were captured, put into the plan again.

What an archive lists and nobody has fetched yet is known from there alone, so a rebuild from the
WARC files reads it again; how far a list was read is not restored, so the next run asks anew.
"""

from typing import TYPE_CHECKING

from kontum_crawler.archives.lists import Listed, read_page, unpacked
from kontum_crawler.errors import UsageError
from kontum_crawler.store.plan import Plan
from kontum_crawler.warc.capture import captured
from kontum_crawler.warc.records import Record

if TYPE_CHECKING:
    from kontum_crawler.portals import Portal
    from kontum_crawler.store.archive import Archive

FIELD = "Kontum-List"
"""The header field of a captured list: origin, service and portal, with blanks between."""
ORIGINS = ("wayback", "commoncrawl")


def mark(origin: str, service: str, portal: str) -> tuple[str, str]:
    """The header field that says whose list a record holds."""
    return (FIELD, f"{origin} {service} {portal}")


def take_list(archive: "Archive", record: Record) -> int:
    """Put the lines of a captured list into the plan; returns how many were new."""
    said = record.get(FIELD).split(" ")
    if len(said) != 3 or said[0] not in ORIGINS or record.type != "response":
        return 0
    try:
        seen = captured(record)
    except ValueError:
        return 0
    if seen is None or seen.payload is None or seen.status != 200:
        return 0
    origin, service, key = said
    plan = Plan(archive.db, _portal(archive, key), origin, service)
    new = 0

    def add(lines: list[Listed]) -> None:
        nonlocal new
        with archive.transaction():
            new += plan.add(lines)

    read_page(unpacked(seen.payload), add)
    return new


def _portal(archive: "Archive", key: str) -> "Portal":
    try:
        return archive.portals.get(key)
    except UsageError:
        return archive.portals.generic(key)
