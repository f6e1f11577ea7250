"""Coverage and the self-check of layouts, from the command line."""

import csv
import json
from pathlib import Path

import pytest
from history import write_history
from scene import Scene, opened

from kontum_crawler import cli
from kontum_crawler.extract.answer import Answer
from kontum_crawler.store.intake.sessions import ingest_files

BASE = "http://kkt.kontum.gov.vn"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    with opened(folder) as archive:
        scene = Scene(archive)
        scene.show(f"{BASE}/tin-mot.p-1.html", "2022-03-05T10:00:00Z")
        scene.show("https://kkt.kontum.gov.vn/tin-mot.p-1.html", "2024-03-05T10:00:00Z")
        scene.gone(f"{BASE}/tin-hai.p-2.html", "2023-03-05T10:00:00Z")
        links = [f"{BASE}/tin-ba.p-3.html?utm_source=x", f"{BASE}/print/tin-mot.p-1.html"]
        listing = Answer(kind="listing", links=[*links, "http://a.vn/tin.p-9.html", "mailto:x"])
        scene.record(f"{BASE}/tin.c-1.html", "2024-05-05T10:00:00Z", listing)
        scene.record(f"{BASE}/tin.c-1.html", "2023-05-05T10:00:00Z", listing)
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli._run(["coverage", *arguments])
    return code, capsys.readouterr().out


def test_addresses_count_in_the_year_that_first_names_them(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = run(capsys, "kkt", "--json", "--archive", str(archive))
    host = {"host": "kkt.kontum.gov.vn"}
    assert code == 0
    assert json.loads(text) == {
        "portal": "kkt",
        "rows": [
            {**host, "year": 2022, "known": 1, "held": 1, "missing": 0},
            {**host, "year": 2023, "known": 2, "held": 0, "missing": 2},
        ],
        "missing": [f"{BASE}/tin-ba.p-3.html", f"{BASE}/tin-hai.p-2.html"],
    }


def test_what_is_missing_and_a_picture_are_written(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, picture = tmp_path / "missing.csv", tmp_path / "kkt.svg"
    where = ["--archive", str(archive)]
    code, table = run(capsys, "kkt", "--missing", str(missing), "--picture", str(picture), *where)
    assert (code, "2023" in table) == (0, True)
    with missing.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["url"] for row in found] == [
        f"{BASE}/tin-ba.p-3.html",
        f"{BASE}/tin-hai.p-2.html",
    ]
    assert "0 of 2" in picture.read_text()


def test_an_unknown_portal_is_wrong_usage(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "kkkt", "--archive", str(archive))[0] == 2


def test_a_file_that_cannot_be_written_is_told(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "none" / "x.csv")
    assert run(capsys, "kkt", "--missing", target, "--archive", str(archive))[0] == 1


FIRST_LOOK = """
key    = "kkt"
name   = "Ban Quản lý Khu kinh tế"
family = "kkt"
hosts  = ["kkt.kontum.gov.vn", "kkt-kontum.com", "kkt-kontum.gov.vn"]

[[layout]]
title = ["div.td_ct"]
body  = ["div.nd_pr"]
"""
SECOND_LOOK = """
[[layout]]
since = 2023-01-01
title = ["main h1"]
body  = ["main"]
"""


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three years of a portal that was relaunched at the beginning of the second."""
    folder = tmp_path_factory.mktemp("years")
    ingest_files(folder / "archive", write_history(folder / "warcs", 3), workers=1)
    (folder / "archive" / "portals").mkdir()
    return folder / "archive"


def test_a_relaunch_that_the_rules_do_not_know_is_named_with_its_year_and_examples(
    years: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (years / "portals" / "kkt.toml").write_text(FIRST_LOOK, "utf-8")
    code, text = run(capsys, "kkt", "--layouts", "--json", "--archive", str(years))
    found = json.loads(text)["rows"]
    assert code == 0
    assert [(row["year"], row["fits"]) for row in found] == [
        (2022, True),
        (2023, False),
        (2024, False),
    ]
    assert all(row["examples"][0].startswith("http") and row["pages"] > 0 for row in found)
    assert "footer" in found[1]["layout"]
    assert cli._run(["coverage", "kkt", "--layouts", "--archive", str(years)]) == 0
    told = capsys.readouterr()
    assert "2023: no layout of «kkt» fits" in told.err
    assert found[1]["examples"][0] in told.err


def test_a_layout_for_the_new_look_ends_the_report(
    years: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (years / "portals" / "kkt.toml").write_text(FIRST_LOOK + SECOND_LOOK, "utf-8")
    _, text = run(capsys, "kkt", "--layouts", "--json", "--archive", str(years))
    assert [row["fits"] for row in json.loads(text)["rows"]] == [True, True, True]
