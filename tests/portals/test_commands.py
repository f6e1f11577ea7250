"""`kontum extract` and `kontum portals` as a user calls them."""

import json
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "pages" / "kkt" / "reference.html"


def kontum(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "kontum_crawler", *map(str, arguments), "--archive", str(folder)]
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60)


def test_a_page_is_printed_field_by_field_with_its_rules(tmp_path: Path) -> None:
    run = kontum("extract", PAGE, folder=tmp_path)
    assert run.returncode == 0
    assert "byline  [last line]:\n    Nguyễn Thanh Dao (Văn phòng)\n" in run.stdout
    assert "family: kkt" in run.stdout


def test_json_is_one_object_with_the_golden_article(tmp_path: Path) -> None:
    golden = json.loads(PAGE.with_suffix(".json").read_text("utf-8"))
    run = kontum(
        "extract", PAGE, "--portal", "kkt", "--url", golden["url"], "--json", folder=tmp_path
    )
    found = json.loads(run.stdout)
    assert {name: found[name] for name in golden} == golden
    assert found["problem"] is None


def test_a_page_without_an_article_is_an_object_too_and_exit_3(tmp_path: Path) -> None:
    page = tmp_path / "empty.html"
    page.write_text("<html><body></body></html>", "utf-8")
    run = kontum(
        "extract", page, "--url", "http://kkt.kontum.gov.vn/a.p-1.html", "--json", folder=tmp_path
    )
    found = json.loads(run.stdout)
    assert run.returncode == 3
    assert (found["title"], found["body"]) == (None, None)
    assert found["problem"].startswith("empty: ")


def test_several_files_are_one_object_a_line(tmp_path: Path) -> None:
    other = PAGE.with_name("reference-br.html")
    run = kontum("extract", PAGE, other, "--json", folder=tmp_path)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [row["file"] for row in rows] == [str(PAGE), str(other)]


def test_wrong_usage_and_unreadable_files(tmp_path: Path) -> None:
    assert kontum("extract", PAGE, "--portal", "nope", folder=tmp_path).returncode == 2
    missing = kontum("extract", tmp_path / "x.html", "--portal", "kkt", folder=tmp_path)
    assert (missing.returncode, str(tmp_path / "x.html") in missing.stderr) == (1, True)


def test_a_page_is_kept_with_a_proposed_golden_article(tmp_path: Path) -> None:
    kontum("extract", PAGE, "--save", tmp_path / "pages", folder=tmp_path)
    kept = tmp_path / "pages" / "kkt" / "reference.html"
    proposed = json.loads(kept.with_suffix(".json.new").read_text("utf-8"))
    assert kept.read_bytes() == PAGE.read_bytes()
    assert proposed["byline"] == "Nguyễn Thanh Dao (Văn phòng)"


def test_portals_are_listed_with_their_pages(tmp_path: Path) -> None:
    rows = json.loads(kontum("portals", "--json", folder=tmp_path).stdout)
    kkt = next(row for row in rows if row["key"] == "kkt")
    assert kkt["hosts"] == ["kkt.kontum.gov.vn", "kkt-kontum.com", "kkt-kontum.gov.vn"]
    assert (kkt["status"], kkt["pages"] > 3) == ("unconfirmed", True)


def test_portals_are_a_table_with_family_status_pages_and_hosts(tmp_path: Path) -> None:
    lines = kontum("portals", folder=tmp_path).stdout.splitlines()
    assert lines[0].split("\t") == ["key", "family", "status", "pages", "hosts", "name"]
    (stnmt,) = (line.split("\t") for line in lines if line.startswith("stnmt\t"))
    assert stnmt[1:3] == ["nukeviet", "template"]
    assert (int(stnmt[3]) > 1, stnmt[4]) == (True, "stnmt.kontum.gov.vn")


def test_a_portal_file_is_checked(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('key = "x"\nnane = "X"\n', "utf-8")
    words = [sys.executable, "-m", "kontum_crawler", "portals", "check", str(bad)]
    run = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert run.returncode == 2
    assert f"{bad}:2: nane: unknown key; did you mean «name»?" in run.stderr
