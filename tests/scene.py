"""A stage for the store: captures of made-up answers, told in a line each, through the real API."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kontum_crawler.extract.answer import Answer
from kontum_crawler.items import Article, Capture
from kontum_crawler.store import Archive, Recorded

TABLES = {
    "portals": "SELECT key, name, family, base_url FROM portals",
    "articles": (
        "SELECT portal, slug, native_id, url, title, lead, body, byline, authors, unit, source,"
        " photo_by, category, tags, published_at, lang, version, content_hash, first_seen_at,"
        " last_seen_at, gone_at FROM articles"
    ),
    "article_urls": (
        "SELECT a.portal, a.slug, u.url, u.first_seen_at, u.last_seen_at FROM article_urls u"
        " JOIN articles a ON a.id = u.article_id"
    ),
    "article_versions": (
        "SELECT a.portal, a.slug, v.version, v.title, v.lead, v.body, v.byline, v.published_at,"
        " v.content_hash, c.warc_offset, v.seen_at FROM article_versions v"
        " JOIN articles a ON a.id = v.article_id JOIN captures c ON c.id = v.capture_id"
    ),
    "captures": (
        "SELECT c.url, a.portal, a.slug, c.fetched_at, c.status, c.content_hash, c.warc_offset,"
        " o.warc_offset AS revisit_of FROM captures c LEFT JOIN articles a ON a.id = c.article_id"
        " LEFT JOIN captures o ON o.id = c.revisit_of"
    ),
    "attachments": (
        "SELECT a.portal, a.slug, t.url, t.filename, t.media_type, t.size, t.payload_digest,"
        " c.warc_offset, t.text, t.text_status FROM attachments t"
        " JOIN articles a ON a.id = t.article_id LEFT JOIN captures c ON c.id = t.capture_id"
    ),
    "images": (
        "SELECT a.portal, a.slug, i.url, i.caption, i.credit, c.warc_offset FROM images i"
        " JOIN articles a ON a.id = i.article_id LEFT JOIN captures c ON c.id = i.capture_id"
    ),
    "citations": (
        'SELECT a.portal, a.slug, q.field, q.start, q."end", q.quote, q.number FROM citations q'
        " JOIN articles a ON a.id = q.article_id"
    ),
}


class Scene:
    """An archive and a counter of records; each event is one capture at a place of its own.

    origin: of the captures that come next.
    """

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.place = 0
        self.origin = "live"

    def show(self, url: str, at: str, text: str = "Một.", run: str = "", **fields: Any) -> Recorded:
        """The address answers 200 with an article."""
        return self.record(url, at, shown(self.archive, url, text, **fields), run)

    def gone(self, url: str, at: str, run: str = "") -> Recorded:
        """The address answers 404."""
        return self.record(url, at, Answer(kind="gone"), run, status=404)

    def soft(self, url: str, at: str, run: str = "") -> Recorded:
        """The address answers with a soft 404, or leads to the front page."""
        return self.record(url, at, Answer(kind="soft-gone"), run)

    def moved(
        self, url: str, at: str, target: str, permanent: bool = True, run: str = ""
    ) -> Recorded:
        """The address answers with a redirect."""
        answer = Answer(kind="redirect", target=target, permanent=permanent)
        return self.record(url, at, answer, run, status=301 if permanent else 302)

    def record(
        self, url: str, at: str, answer: Answer | None, run: str = "", **fields: Any
    ) -> Recorded:
        """Any answer; `at` is a day of January 2026, or a whole UTC text."""
        self.place += 1
        fields.setdefault("warc_offset", self.place)
        fields.setdefault("origin", self.origin)
        return self.archive.record(captured(url, at, **fields), answer, run or moment(at)[:10])

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table of the contract, ids aside, in an order of its own."""
        return sorted(
            (dict(row) for row in self.archive.db.execute(TABLES[table])), key=lambda row: str(row)
        )

    def slugs(self) -> list[str]:
        """The slugs of all articles, sorted."""
        return sorted(row["slug"] for row in self.rows("articles"))

    def urls(self, slug: str) -> list[str]:
        """The addresses of one article, sorted."""
        return sorted(row["url"] for row in self.rows("article_urls") if row["slug"] == slug)

    def versions(self, slug: str) -> list[str]:
        """The bodies of one article's versions, the first one first."""
        rows = [row for row in self.rows("article_versions") if row["slug"] == slug]
        return [row["body"] for row in sorted(rows, key=lambda row: row["version"])]

    def article(self, slug: str) -> dict[str, Any]:
        """The row of one article."""
        (row,) = [row for row in self.rows("articles") if row["slug"] == slug]
        return row

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """All tables of the contract that a rebuild gives again, ids aside."""
        return {table: self.rows(table) for table in TABLES}


def shown(archive: Archive, url: str, text: str, **fields: Any) -> Answer:
    """An answer that shows an article; fields as of `Article`."""
    portal = archive.portal_of(url)
    address = portal.address(url)
    assert address is not None
    title = fields.pop("title", "Tin trong ngày")
    slug = address.slug or fields.pop("slug", None) or title.lower().replace(" ", "-")
    article = Article(
        portal=portal.key,
        slug=slug,
        url=url,
        title=title,
        native_id=address.native_id,
        body=text,
        **fields,
    )
    return Answer(kind="article", article=article)


def captured(url: str, at: str, **fields: Any) -> Capture:
    """A capture as the writer would describe it."""
    defaults = {
        "retrieved_at": moment(at),
        "status": 200,
        "media_type": "text/html",
        "payload_digest": f"sha256:{fields.get('warc_offset', 0):064x}",
        "warc_file": "warc/one.warc.gz",
        "warc_length": 100,
    }
    return Capture(url=url, fetched_at=moment(at), **{**defaults, **fields})


def moment(at: str) -> str:
    """`3` is 3 January 2026, `3.5` five seconds later."""
    if "T" in at:
        return at
    day, _, second = at.partition(".")
    return f"2026-01-{int(day):02d}T00:00:{int(second or 0):02d}Z"


@contextmanager
def undone(archive: Archive) -> Iterator[Scene]:
    """A scene whose traces are rolled back at the end, so that one file serves many examples."""
    archive.db.execute("BEGIN")
    try:
        yield Scene(archive)
    finally:
        archive.db.execute("ROLLBACK")


def opened(folder: Path) -> Archive:
    """A new archive in a folder."""
    return Archive.open(folder, write=True, create=True)


def play(scene: Scene, events: Iterable[tuple[Any, ...]]) -> None:
    """Perform events given as (name of a method of `Scene`, its arguments…)."""
    for name, *arguments in events:
        getattr(scene, name)(*arguments)
