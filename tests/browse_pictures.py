"""Take the pictures of docs/images anew: `python tests/browse_pictures.py [DIR]`.

Two days of the sample portal are crawled, and for the coverage three simulated years are read in
from WARC files; `kontum serve` shows both to Debian's chromium.
"""

import io
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from browse_chromium import browser, window
from history.write import write_history
from PIL import Image

from kontum_crawler.crawl import crawl
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
from kontum_crawler.sample import Sample
from kontum_crawler.store.intake.sessions import ingest_files

IMAGES = Path(__file__).parents[1] / "docs" / "images"
DESK: dict[str, Any] = {"viewport": {"width": 1100, "height": 850}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "is_mobile": True}
LOOKS = {
    "": DESK,
    "-dark": {**DESK, "color_scheme": "dark"},
    "-phone": PHONE,
    "-en": {**DESK, "locale": "en-GB"},
}
SEARCH = f"/search?q={quote('trẻ em')}"


def main(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo, history = _demo(folder), _history(folder)
        with browser() as running:
            with served(demo) as site:
                for picture, path in addresses(demo / "kontum.db"):
                    take(running, site + path, target / f"{picture}.png")
            with served(history) as site:
                take(running, f"{site}/coverage/kkt", target / "coverage.png")


def _demo(folder: Path) -> Path:
    with Sample(articles=150, day=1) as sample:
        for day in (1, 2):
            sample.day = day
            crawl(folder / "demo", [get("kkt")], Options(base_url=sample.base, full=day > 1))
    return folder / "demo"


def _history(folder: Path) -> Path:
    (folder / "warc").mkdir()
    ingest_files(folder / "history", list(write_history(folder / "warc", 60)))
    return folder / "history"


def addresses(path: Path) -> Iterator[tuple[str, str]]:
    """Name of a picture and the address of its page."""
    db = sqlite3.connect(path)

    def article(condition: str) -> str:
        sql = f"SELECT portal, slug FROM articles a WHERE {condition} ORDER BY id LIMIT 1"
        portal, slug = db.execute(sql).fetchone()
        return f"/a/{portal}/{quote(slug)}"

    cited = "EXISTS (SELECT 1 FROM citations c WHERE c.article_id = a.id AND number LIKE '%/%')"
    rich = article(f"{cited} AND unit IS NOT NULL AND lead IS NOT NULL")
    edited = article(
        "version = 2 AND title NOT IN (SELECT title FROM article_versions v"
        " WHERE v.article_id = a.id AND v.version = 1)"
    )
    capture = db.execute(
        "SELECT capture_id FROM images WHERE capture_id IS NOT NULL AND article_id IN"
        " (SELECT id FROM articles WHERE lead IS NOT NULL) ORDER BY id LIMIT 1"
    ).fetchone()
    shown = db.execute(
        "SELECT c.id FROM captures c JOIN images i ON i.article_id = c.article_id"
        " WHERE i.capture_id = ? AND c.status = 200 AND c.media_type LIKE 'text/html%' LIMIT 1",
        capture,
    ).fetchone()[0]
    number = db.execute(
        "SELECT number FROM citations WHERE number LIKE '%/%' GROUP BY 1"
        " ORDER BY count(DISTINCT article_id) DESC, 1 LIMIT 1"
    ).fetchone()[0]
    for look in ("", "-phone"):
        yield f"home{look}", "/"
    for look in LOOKS:
        yield f"search{look}", SEARCH
    for look in ("", "-dark"):
        yield f"article{look}", rich
    yield "compare", f"{edited}/compare"
    yield "capture", f"/capture/{shown}"
    yield "calendar", "/calendar/2024"
    yield "document", f"/document/{quote(number, safe='')}"
    yield "runs", "/runs"


@contextmanager
def served(archive: Path) -> Iterator[str]:
    """The address of an archive while `kontum serve` serves it."""
    command = [sys.executable, "-m", "kontum_crawler", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--archive", str(archive)], stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        yield next(filter(None, (re.search(r"http://[\d.:]+", line) for line in server.stderr)))[0]
        server.terminate()


def take(running: Any, address: str, target: Path) -> None:
    """One picture, in the looks that its name ends with."""
    look = next((name for name in LOOKS if name and target.stem.endswith(name)), "")
    with window(running, **LOOKS[look]) as page:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(128).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
