"""The page that says how to fill the archive: every command of it runs, every portal is there."""

import json
import re
import shlex
from pathlib import Path

import pytest
from twins import Answer, Twin

from kontum_crawler import cli, portals
from kontum_crawler.commands.crawl import crawl
from kontum_crawler.crawl import choose_portals

pytestmark = pytest.mark.slow

PAGE = (Path(__file__).parents[2] / "docs" / "fill-the-archive.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE, re.S)
LINES = [
    shlex.split(line, comments=True)[1:]
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("kontum crawl ")
]
EVERY = {(portal.key, origin) for portal in portals.all() for origin in ("wayback", "commoncrawl")}


def empty(path: str, headers: dict[str, str]) -> Answer:
    """A service that lists nothing."""
    return Answer(b"[]" if path == "/collinfo.json" else b"")


def dry(line: list[str], server: Twin, folder: Path) -> list[str]:
    """The line as it stands, but asking a stand-in and fetching nothing."""
    service = "collinfo.json" if "commoncrawl" in line else "cdx/search/cdx"
    cut = line[: line.index("--cdx-url")] if "--cdx-url" in line else line
    more = ["--cdx-url", f"{server.base}/{service}", "--archive", str(folder / "none")]
    return [*cut, *more, "--dry-run", "--json"]


def test_each_portal_has_its_commands() -> None:
    found = {(line[1], line[3]) for line in LINES if len(line) == 4 and line[2] == "--from"}
    assert found >= EVERY


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_each_command_is_one_that_the_program_knows(line: list[str], tmp_path: Path) -> None:
    with crawl.make_context("crawl", [*line[1:], "--archive", str(tmp_path)]) as context:
        targets = context.params["targets"]
    chosen, _ = choose_portals(tmp_path, targets, closed_too=True)
    assert [portal.key for portal in chosen] == list(targets)


def test_the_hosts_in_the_table_are_those_of_the_portals() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.M))
    for portal in portals.all():
        named = table[portal.key].strip().split(", ")
        assert {name.removeprefix("www.") for name in named} == {
            host.removeprefix("www.") for host in portal.hosts
        }


@pytest.mark.parametrize("origin", ["wayback", "commoncrawl"])
def test_all_portals_can_be_planned(
    origin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["crawl", *(portal.key for portal in portals.all()), "--from", origin]
    with Twin(empty) as server:
        assert cli._run(dry(line, server, tmp_path)) == 0
        asked = " ".join(server.paths())
    told = json.loads(capsys.readouterr().out)
    assert (told["captures"], told["problems"]) == (0, [])
    assert set(told["portals"]) == {portal.key for portal in portals.all()}
    if origin == "wayback":
        assert [portal.key for portal in portals.all() if portal.hosts[-1] not in asked] == []


@pytest.mark.long
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_each_command_plans_against_a_stand_in(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--from" not in line:
        pytest.skip("a live crawl")
    with Twin(empty) as server:
        assert cli._run(dry(line, server, tmp_path)) == 0
    assert json.loads(capsys.readouterr().out)["captures"] == 0
