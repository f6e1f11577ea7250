"""The Atom file of each watch: `<archive>/watches/NAME.atom`.

Titles and texts come from portals, so they are written as text, escaped; an entry keeps its id for
ever, and a file whose watch brought nothing new keeps its bytes. Source: RFC 4287.
"""

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from kontum_crawler import urls
from kontum_crawler.errors import ArchiveFull
from kontum_crawler.store.search import watches
from kontum_crawler.store.search.watches import Note, Watch

if TYPE_CHECKING:
    from kontum_crawler.store.archive import Archive

FOLDER = "watches"
MOST = 100
"""Entries of a feed, the latest."""

SUMMARY = 400
"""Characters of an entry's text."""

CHANGES = {"new": "", "edited": "Edited: ", "gone": "Gone: "}
"""What stands in front of a title."""

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_feeds(archive: "Archive") -> list[Path]:
    """Bring the file of every watch up to date; returns those that changed.

    Raises ArchiveFull, naming the file, where it cannot be written; the old one stays then.
    """
    changed = []
    for watch in watches.every(archive.db):
        path = feed_path(archive, watch)
        text = feed(watch, watches.entries(archive.db, watch.name, limit=MOST))
        try:
            if not path.is_file() or path.read_bytes() != text:
                _write(path, text)
                changed.append(path)
        except OSError as error:
            raise ArchiveFull(f"{path}: {error.strerror or error}.") from error
    return changed


def feed_path(archive: "Archive", watch: Watch) -> Path:
    """Where the feed of a watch stands."""
    return archive.folder / FOLDER / f"{watch.name}.atom"


def remove_feed(archive: "Archive", watch: Watch) -> None:
    """Take the file of a watch away that is no more."""
    feed_path(archive, watch).unlink(missing_ok=True)


def feed(watch: Watch, notes: Iterable[Note]) -> bytes:
    """The Atom document of a watch; notes: the latest first."""
    found = list(notes)
    root = ElementTree.Element("feed", {"xmlns": _ATOM})
    _add(root, "id", uuid5(NAMESPACE_URL, f"watch {watch.name} {watch.created_at}").urn)
    _add(root, "title", f"{watch.name}: {watch.query}")
    _add(root, "updated", found[0]["at"] if found else watch.created_at)
    _add(_add(root, "author"), "name", "kontum_crawler")
    for note in found:
        _add_entry(root, note)
    ElementTree.indent(root)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _add_entry(root: ElementTree.Element, note: Note) -> None:
    entry = _add(root, "entry")
    seed = f"{note['portal']} {note['article_id']} {note['change']} {note['at']}"
    _add(entry, "id", uuid5(NAMESPACE_URL, seed).urn)
    _add(entry, "title", CHANGES[note["change"]] + (note["title"] or note["slug"]))
    _add(entry, "updated", note["at"])
    published = note["published_at"] or ""
    _add(entry, "published", published if "T" in published else note["first_seen_at"])
    for name in note["authors"] or [note["portal"]]:
        _add(_add(entry, "author"), "name", name)
    if urls.host(note["url"]):
        entry.append(ElementTree.Element("link", {"rel": "alternate", "href": note["url"]}))
    text = " ".join((note["lead"] or note["body"] or "").split())
    short = text if len(text) <= SUMMARY else text[:SUMMARY].rsplit(" ", 1)[0] + " …"
    _add(entry, "summary", short)


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name)
    if text is not None:
        child.text = _NOT_XML.sub("", text)
    return child


def _write(path: Path, text: bytes) -> None:
    half = path.with_name(f".{path.name}.{os.getpid()}.partial")
    path.parent.mkdir(exist_ok=True)
    try:
        half.write_bytes(text)
        half.replace(path)
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
