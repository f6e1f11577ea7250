"""The commands: what is printed, in each format, and how they end."""

import csv
import io
import json
from pathlib import Path

import pytest
from bookshelf import add

from kontum_crawler.cli import main
from kontum_crawler.store import Archive

DOCS = [
    {"title": "Đường mới", "body": "Con đường qua \x1b[31mxã", "authors": ["Lê Hòa"],
     "published_at": "2024-05-09", "citations": ["1600/KH-UBND"]},
    {"title": "Đường cũ", "portal": "syt", "authors": ["Lê Hòa", "A Vượng"]},
    {"title": "Cầu treo", "body": "Cầu nối hai bờ."},
]  # fmt: skip
ARTICLE_COLUMNS = (
    "id portal slug native_id url title lead body byline authors unit source photo_by category tags"
    " published_at lang version content_hash first_seen_at last_seen_at gone_at"
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    with Archive.open(folder, create=True) as opened, opened.transaction():
        for doc in DOCS:
            add(opened.db, doc)
    return folder


def kontum(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    printed = capsys.readouterr()
    return int(leaving.value.code or 0), printed.out, printed.err


def test_search_prints_a_list_of_articles_as_json(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = kontum(
        capsys, "search", "duong", "--archive", str(archive), "--format", "json"
    )
    articles = json.loads(out)
    assert code == 0
    assert {article["slug"] for article in articles} == {"bai-1", "bai-2"}
    assert list(articles[0])[:22] == ARTICLE_COLUMNS.split()
    assert articles[0]["authors"][0] == "Lê Hòa"
    assert all(a["title"][slice(*a["marks"]["title"][0])] == "Đường" for a in articles)
    assert err == ""


def test_jsonl_and_csv_hold_the_same_rows(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ("search", "duong", "--archive", str(archive), "--format")
    lines = [json.loads(line) for line in kontum(capsys, *common, "jsonl")[1].splitlines()]
    rows = list(csv.DictReader(io.StringIO(kontum(capsys, *common, "csv")[1], newline="")))
    assert [row["slug"] for row in rows] == [line["slug"] for line in lines]
    assert [json.loads(row["authors"]) for row in rows] == [line["authors"] for line in lines]


def test_a_table_in_a_pipe_is_one_line_an_article_without_control_characters(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = kontum(capsys, "search", "duong", "--archive", str(archive))
    assert len(out.splitlines()) == 3
    assert out.startswith("date\tportal\tslug\ttitle\tsnippet\n")
    assert "\x1b" not in out


def test_nothing_found_is_no_failure(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for query in ("xyzzy", "", "-a", "((", "a" * 10_000):
        code, out, err = kontum(
            capsys, "search", "--archive", str(archive), "--format", "json", "--", query
        )
        assert (code, json.loads(out)) == (0, [])
        assert err


@pytest.mark.parametrize(
    "wrong",
    [
        ["search", "a", "--portal", "nosuch"],
        ["search", "a", "--since", "2024-02-31"],
        ["search", "a", "--since", "2025", "--until", "2024"],
        ["search"],
        ["search", "a", "--facet", "nosuch"],
        ["export", "--output", "/nosuch/folder/a.csv"],
    ],
)
def test_wrong_usage_ends_with_2(
    archive: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    code, out, err = kontum(capsys, *wrong, "--archive", str(archive))
    assert (code, out) == (2, "")
    assert err


def test_a_folder_without_an_archive_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = kontum(capsys, "search", "a", "--archive", str(tmp_path))
    assert code == 1
    assert str(tmp_path) in err


def test_facets_and_timeline_are_counts(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ("--archive", str(archive), "--format", "json")
    _, out, _ = kontum(capsys, "search", "duong", "--facet", "author", *common)
    assert json.loads(out) == [{"author": "Lê Hòa", "count": 2}, {"author": "A Vượng", "count": 1}]
    _, out, err = kontum(capsys, "timeline", "duong", *common)
    assert json.loads(out)[-1] == {"month": "2024-05", "count": 1}
    assert "1 of 2 articles" in err


def test_concordance_is_aligned_at_the_hit(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = kontum(capsys, "concordance", "duong", "--archive", str(archive), "--width", "9")
    assert len({line.index("[") for line in out.splitlines()}) == 1
    assert len(out.splitlines()) == 3


def test_cites_gives_article_date_and_quote(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ("--archive", str(archive), "--format", "json")
    row = json.loads(kontum(capsys, "cites", "1600/kh-ubnd", *common)[1])[0]
    assert (row["slug"], row["date"], row["quote"]) == ("bai-1", "2024-05-09", "1600/KH-UBND")


def test_export_writes_once(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "a.jsonl"
    arguments = ("export", "duong", "--archive", str(archive), "--format", "jsonl", "--output")
    assert kontum(capsys, *arguments, str(output))[0] == 0
    before = output.read_bytes()
    assert kontum(capsys, *arguments, str(output))[0] == 2
    assert output.read_bytes() == before
    assert kontum(capsys, *arguments, str(output), "--force")[0] == 0


def test_python_reads_what_the_commands_print(archive: Path) -> None:
    pandas = pytest.importorskip("pandas")
    with Archive.open(archive) as opened:
        assert [hit.article["slug"] for hit in opened.search("Cầu treo")] == ["bai-3"]
        assert opened.article("bai-3").title == "Cầu treo"
        frame = opened.to_pandas("duong")
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["slug"]) == ["bai-1", "bai-2"]


@pytest.mark.parametrize("query", ["-đường", "-duong", "-c", '-"con đường"'])
@pytest.mark.parametrize("command", ["search", "timeline", "concordance"])
def test_a_query_may_begin_with_a_hyphen(
    command: str, query: str, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--archive", str(archive), "--format", "json")
    assert kontum(capsys, command, query, *options)[:2] == (0, "[]\n")
    assert kontum(capsys, command, *options, query)[:2] == (0, "[]\n")


def test_what_follows_an_option_is_its_value(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = kontum(
        capsys, "search", "cầu", "--author", "-x", "--archive", str(archive), "--format", "json"
    )
    assert (code, out) == (0, "[]\n")
    assert kontum(capsys, "search", "cầu", "--nothing")[0] == 2
