"""The recipes of docs/cookbook.md: cut out, run, and written back with their results.

    python tests/cookbook/recipes.py

writes today's results into the page; look at the difference before you commit it.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
KINDS = ("sh", "sql", "python")
_BLOCK = re.compile(
    r"^```(sh|sql|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)
_QUESTION = re.compile(r"^### (\d+)\. (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One block of the page: what runs, and the result that the page shows (None: none yet)."""

    name: str
    kind: str
    code: str
    result: str | None
    place: tuple[int, int]


def recipes(page: str) -> Iterator[Recipe]:
    """Every block that runs, in order; named by the question above it."""
    for match in _BLOCK.finditer(page):
        above = _QUESTION.findall(page, 0, match.start())
        tail = "tools" if match.start() > page.find("## With other tools") > 0 else ""
        name = f"{tail or (above[-1][0] if above else 'start')}-{match[1]}"
        yield Recipe(name, match[1], match[2], match[3], match.span())


def questions(page: str) -> dict[int, list[str]]:
    """The kinds of blocks below each question, by its number."""
    found = {}
    starts = list(_QUESTION.finditer(page))
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        part = page[start.end() : end.start() if end else len(page)]
        found[int(start[1])] = [match[1] for match in _BLOCK.finditer(part)]
    return found


def build(folder: Path) -> None:
    """The archive `folder/data`: two days of the sample portal, crawled over loopback."""
    from kontum_crawler.crawl import crawl
    from kontum_crawler.pipelines.session import Options
    from kontum_crawler.portals import get
    from kontum_crawler.sample import Sample

    with Sample(articles=60) as sample:
        for day in (1, 2):
            sample.day = day
            crawl(folder / "data", [get("kkt")], Options(full=True, base_url=sample.base))
    command = folder / "bin" / "kontum"
    command.parent.mkdir()
    start = "import sys; from kontum_crawler.cli import main; main()"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{start}" "$@"\n')
    command.chmod(0o755)


def run(recipe: Recipe, folder: Path) -> str:
    """What a recipe prints today, with the moments of the crawl made the same."""
    if recipe.kind == "sql":
        printed = _ask(recipe.code, folder / "data" / "kontum.db")
    elif recipe.kind == "python":
        printed = _start([sys.executable, "-c", recipe.code], folder)
    else:
        lines = (line.removeprefix("$ ") for line in recipe.code.splitlines())
        printed = _start(["/bin/sh", "-c", "\n".join(lines)], folder)
    return _levelled(printed, folder)


def _start(command: list[str], folder: Path) -> str:
    path = os.pathsep.join(
        [str(folder / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
    )
    root = str(PAGE.parents[1])
    surroundings = os.environ | {"PATH": path, "PYTHONPATH": root, "COLUMNS": "100"}
    surroundings.pop("KONTUM_ARCHIVE", None)
    done = subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r\n", "\n")


def _ask(sql: str, path: Path) -> str:
    """Rows of a plain connection that may only read and has no function of ours."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        found = db.execute(sql)
        lines = ["\t".join(column[0] for column in found.description)]
        lines += ["\t".join("" if v is None else str(v) for v in row) for row in found]
    return "\n".join(lines) + "\n"


def _levelled(text: str, folder: Path) -> str:
    text = re.sub(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:<digest>", text)
    with closing(sqlite3.connect(folder / "data" / "kontum.db")) as db:
        days = [
            row[0] for row in db.execute("SELECT DISTINCT substr(fetched_at, 1, 10) FROM captures")
        ]
    for day in days:
        text = text.replace(day, "<day>")
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def refreshed(page: str, folder: Path) -> str:
    """The page with today's results."""
    written, end = [], 0
    for recipe in recipes(page):
        start, after = recipe.place
        result = f"\n```text\n{run(recipe, folder)}```\n"
        written += [page[end:start], f"```{recipe.kind}\n{recipe.code}```\n{result}"]
        end = after
    return "".join([*written, page[end:]])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        build(Path(place))
        PAGE.write_text(refreshed(PAGE.read_text("utf-8"), Path(place)), "utf-8")
