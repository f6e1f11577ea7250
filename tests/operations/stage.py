"""A stage for nightly runs: the sample portal, an archive, and what its tables say."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from kontum_crawler.crawl import Outcome, crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import Registry
from kontum_crawler.sample import Sample

OWN = Path(__file__).with_name("kkt.toml")
STATE = "SELECT slug, version, content_hash, published_at, gone_at FROM articles ORDER BY slug"


def own_portal(folder: Path) -> None:
    """Give an archive a portal file of its own."""
    (folder / "portals").mkdir(parents=True)
    shutil.copy(OWN, folder / "portals" / "kkt.toml")


def run(sample: Sample, folder: Path, **options: Any) -> Outcome:
    """One nightly run of kkt, with the portal file of the archive where it has one."""
    extra = folder / "portals"
    portal = Registry(extra if extra.is_dir() else None).get("kkt")
    return crawl(folder, [portal], Options(base_url=sample.base, requisites=False, **options))


def rows(folder: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, as plain tuples."""
    with sqlite3.connect(folder / "kontum.db") as db:
        return db.execute(query, values).fetchall()


def drift_of(folder: Path, outcome: Outcome) -> list[tuple[Any, ...]]:
    """What a run told of portals that changed: message and page."""
    query = "SELECT message, url FROM problems WHERE stage = 'drift' AND run_id = ?"
    return rows(folder, query, outcome.run_id)
