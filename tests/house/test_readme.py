"""The front page keeps its promises: two commands, links that lead somewhere, two languages."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.vi.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def blocks(name: str) -> list[list[str]]:
    text = (ROOT / name).read_text("utf-8")
    return [
        block.strip().split("\n") for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    ]


def test_the_first_two_blocks_run_the_job_and_the_tests() -> None:
    job, tests = blocks("README.md")[:2]
    assert (len(job) <= 2, job[-1].endswith("kontum demo")) == (True, True)
    assert (len(tests) <= 2, "-m pytest" in tests[-1]) == (True, True)


def test_both_languages_give_the_same_commands() -> None:
    assert blocks("README.vi.md") == blocks("README.md")[: len(blocks("README.vi.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_to_a_file(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_of_the_docs_is_found_from_the_front_page() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md" or not page.exists():
            continue
        seen.add(page)
        links = LINK.findall(page.read_text("utf-8"))
        waiting += [(page.parent / link).resolve() for link in links if "://" not in link]
    assert [page.name for page in PAGES if page not in seen] == []
