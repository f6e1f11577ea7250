"""`show`, `diff`, `changes`, `withdraw`, `status`: what they print, and how they end."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scene import Scene, captured, moment, opened, shown

from kontum_crawler.cli import main
from kontum_crawler.store import Archive
from kontum_crawler.store.frontier import Link
from kontum_crawler.store.lock import WriteLock
from kontum_crawler.warc.records import Exchange, RunInfo
from kontum_crawler.warc.writer import Writer

KKT = "http://kkt.kontum.gov.vn"
TIN = f"{KKT}/tin.p-5.html"
NOW = datetime(2026, 1, 31, tzinfo=UTC)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An article of three versions, one that moved, one that is gone, a twin and a mirror."""
    with opened(tmp_path / "archive") as archive:
        scene = Scene(archive)
        scene.show(TIN, "1", "Một.\n\n- a\n- b", title="Tin đầu")
        scene.show(TIN, "2", "Hai.\n\n- a\n- b", title="Tin đầu", byline="Y Hoa")
        scene.show(TIN, "3", "Hai.\n\nA\tB\n1\t2", tables=[[["A", "B"], ["1", "2"]], [["x"]]])
        scene.show(f"{KKT}/cu.p-6.html", "1", "Chuyển.")
        scene.moved(f"{KKT}/cu.p-6.html", "2", f"{KKT}/moi.p-7.html")
        scene.show(f"{KKT}/moi.p-7.html", "2.5", "Chuyển.")
        scene.show(f"{KKT}/het.p-8.html", "1", "Hết.")
        scene.gone(f"{KKT}/het.p-8.html", "2")
        scene.show(f"{KKT}/-Tin-cu.p-9.html", "1", "\x1b[31mĐỏ\x07\u202eB")
    return tmp_path / "archive"


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on that archive; gives exit code, stdout and stderr."""

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as leaving:
            main([arguments[0], "--archive", str(folder), *arguments[1:]])
        out, err = capsys.readouterr()
        return int(leaving.value.code or 0), out, err

    return call


class TestShow:
    def test_prints_the_text_and_where_it_came_from(self, run: Run) -> None:
        code, out, _ = run("show", "tin")
        assert code == 0
        assert out.startswith("Tin trong ngày\n\nHai.\n\nA")
        assert "version    3 of 3" in out
        assert f"address    {TIN}" in out
        assert "capture    2026-01-03T00:00:00Z  200  live  warc/one.warc.gz:3" in out

    def test_json_is_one_article_with_all_that_hangs_on_it(self, run: Run) -> None:
        code, out, err = run("show", "tin", "--json")
        article = json.loads(out)
        assert (code, err) == (0, "")
        assert list(article)[:5] == ["id", "portal", "slug", "native_id", "url"]
        assert list(article)[-6:] == [
            "urls",
            "versions",
            "captures",
            "attachments",
            "images",
            "citations",
        ]
        assert [each["version"] for each in article["versions"]] == [1, 2, 3]
        assert article["authors"] == []

    def test_a_version_is_shown_as_it_was(self, run: Run) -> None:
        _, out, _ = run("show", "tin", "--version", "1", "--text")
        assert out == "Tin đầu\n\nMột.\n\n- a\n- b\n"
        article = json.loads(run("show", "tin", "--version", "2", "--json")[1])
        assert (article["version"], article["byline"]) == (2, "Y Hoa")

    def test_a_version_that_is_not_there_is_wrong_usage(self, run: Run) -> None:
        code, out, err = run("show", "tin", "--version", "4")
        assert (code, out) == (2, "")
        assert "«tin» has no version 4; it has 3" in err

    def test_tables_are_csv(self, run: Run) -> None:
        _, out, _ = run("show", "tin", "--tables")
        first, second = out.split("\n\n")
        assert list(csv.reader(io.StringIO(first))) == [["A", "B"], ["1", "2"]]
        assert second.strip() == "x"
        code, out, err = run("show", "tin", "--version", "1", "--tables")
        assert (code, out) == (0, "") and "no tables" in err

    def test_an_earlier_slug_an_address_and_a_twins_name_find_it(self, run: Run) -> None:
        for name in ("cu", "moi", "moi~7", f"{KKT}/cu.p-6.html"):
            assert run("show", name)[0] == 0

    def test_a_slug_may_begin_with_a_hyphen(self, run: Run) -> None:
        assert run("show", "-Tin-cu", "--text")[0] == 0
        assert run("show", "--text", "--", "-Tin-cu")[0] == 0

    def test_text_of_a_portal_cannot_steer_the_terminal(self, run: Run) -> None:
        for form in ([], ["--text"]):
            _, out, _ = run("show", "-Tin-cu", *form)
            assert "[31mĐỏB" in out
            assert not set(out) & set("\x1b\x07\u202e")

    def test_an_unknown_slug_is_told(self, run: Run) -> None:
        code, out, err = run("show", "khong-co")
        assert (code, out) == (2, "")
        assert "no article «khong-co» in this archive" in err

    def test_a_slug_of_two_portals_lists_them(self, run: Run, folder: Path) -> None:
        with Archive.open(folder, write=True) as archive:
            url = "http://baokontum.com.vn/xa-hoi/tin-9.html"
            archive.record(captured(url, "1", warc_offset=99), shown(archive, url, "Báo."), "r")
        code, _, err = run("show", "tin")
        assert code == 2 and "--portal" in err and "baokontum" in err and "kkt" in err
        assert run("show", "tin", "--portal", "baokontum")[0] == 0

    def test_a_folder_without_an_archive_is_named(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as leaving:
            main(["show", "tin", "--archive", str(tmp_path / "nowhere")])
        assert leaving.value.code == 1
        assert str(tmp_path / "nowhere") in capsys.readouterr().err


class TestStoredBytes:
    PAGE = "<html><h1>Tin</h1><p>Một.</p></html>".encode()

    def written(self, folder: Path, url: str) -> None:
        packed = gzip.compress(self.PAGE)
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: %d\r\n\r\n" % len(packed)
        )
        exchange = Exchange(url, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", head, packed, NOW)
        with Writer(folder, worker="w", run=RunInfo("k", "crawl", NOW)) as writer:
            place = writer.exchange(exchange).result().place
        with Archive.open(folder, write=True) as archive:
            capture = captured(url, "9", warc_file=place.file, warc_offset=place.offset)
            first = archive.record(capture, shown(archive, url, "Một."), "r")
            again = captured(url, "10", revisit_of=first.capture_id, status=304, warc_offset=77)
            archive.record(again, None, "r")

    def test_are_those_of_the_capture_or_of_the_one_that_it_repeats(
        self, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        self.written(folder, f"{KKT}/goc.p-20.html")
        for more in ([], ["--version", "1"]):
            with pytest.raises(SystemExit) as leaving:
                main(["show", "goc", "--html", "--archive", str(folder), *more])
            assert leaving.value.code == 0
            assert capfdbinary.readouterr().out == self.PAGE

    def test_that_are_not_there_name_the_file(self, run: Run) -> None:
        code, out, err = run("show", "tin", "--html")
        assert (code, out) == (1, "")
        assert "warc/one.warc.gz" in err


class TestDiff:
    def test_prints_the_last_edit(self, run: Run) -> None:
        code, out, _ = run("diff", "tin")
        assert code == 0
        assert out.startswith("--- version 2\n+++ version 3\n")
        assert "-Y Hoa" in out and "+A\tB" in out and " Hai." in out

    def test_marks_words(self, run: Run) -> None:
        _, out, _ = run("diff", "tin", "--from", "1", "--to", "2", "--words")
        assert "[-Một-]{+Hai+}." in out and "{+" in out and "- a\n- b" in out

    def test_json_names_the_fields(self, run: Run) -> None:
        told = json.loads(run("diff", "tin", "--from", "1", "--to", "2", "--json")[1])
        assert (told["from"], told["to"]) == (1, 2)
        assert set(told["changed"]) == {"body", "byline"}
        assert told["changed"]["byline"] == {"from": None, "to": "Y Hoa"}

    def test_an_article_of_one_version_has_nothing_to_compare(self, run: Run) -> None:
        code, out, err = run("diff", "moi")
        assert (code, out) == (0, "") and "nothing to compare" in err

    def test_a_version_that_is_not_there_is_wrong_usage(self, run: Run) -> None:
        assert run("diff", "tin", "--to", "9")[0] == 2


class TestChanges:
    def test_lists_new_edited_moved_and_gone_by_retrieval(self, run: Run) -> None:
        found = json.loads(run("changes", "--since", "2026-01-02", "--format", "json")[1])
        assert [(each["change"], each["slug"], each["version"]) for each in found] == [
            ("gone", "het", 1),
            ("edited", "tin", 2),
            ("moved", "moi", 1),
            ("edited", "tin", 3),
        ]

    def test_everything_is_new_at_first(self, run: Run) -> None:
        found = json.loads(run("changes", "--since", "2026", "--format", "json")[1])
        assert {each["slug"] for each in found if each["change"] == "new"} == {
            "tin",
            "moi",
            "het",
            "-Tin-cu",
        }
        assert [each["slug"] for each in found if each["change"] == "gone"] == ["het"]

    def test_an_old_capture_read_in_today_shows(self, run: Run, folder: Path) -> None:
        with Archive.open(folder, write=True) as archive:
            for url, text, at in (
                (TIN, "Ban đầu.", "2020-05-05T00:00:00Z"),
                (f"{KKT}/xua.p-50.html", "Xưa.", "2020-05-06T00:00:00Z"),
                (f"{KKT}/het.p-8.html", "Hết.", "2020-05-07T00:00:00Z"),
            ):
                capture = captured(url, at, warc_offset=int(at[9]) + 100, retrieved_at=moment("20"))
                archive.record(capture, shown(archive, url, text), "2020")
        found = json.loads(run("changes", "--since", "2026-01-20", "--format", "json")[1])
        assert [(each["change"], each["slug"], each["version"]) for each in found] == [
            ("edited", "tin", 1),
            ("new", "xua", 1),
        ]

    def test_csv_and_jsonl_have_the_same_rows(self, run: Run) -> None:
        lines = run("changes", "--since", "2026", "--format", "jsonl")[1].splitlines()
        rows = list(
            csv.DictReader(io.StringIO(run("changes", "--since", "2026", "--format", "csv")[1]))
        )
        assert [json.loads(line)["slug"] for line in lines] == [row["slug"] for row in rows]

    def test_only_the_portal_that_is_named(self, run: Run) -> None:
        assert run("changes", "--since", "2026", "--portal", "syt", "--format", "json")[1] == "[]\n"

    def test_needs_a_day(self, run: Run) -> None:
        assert run("changes")[0] == 2
        assert run("changes", "--since", "yesterday")[0] == 2


class TestWithdraw:
    def test_hides_the_article_and_writes_a_record(self, run: Run, folder: Path) -> None:
        code, out, err = run("withdraw", "tin", "--reason", "Yêu cầu của người trong bài")
        assert (code, out) == (0, "")
        assert "«tin» of kkt is withdrawn" in err
        code, _, err = run("show", "tin")
        assert code == 1 and "Yêu cầu của người trong bài" in err
        (path,) = (folder / "warc").glob("*.warc.gz")
        assert "Yêu cầu của người trong bài" in gzip.decompress(path.read_bytes()).decode()

    def test_waits_for_no_crawl(self, run: Run, folder: Path) -> None:
        with WriteLock(folder, "crawl"):
            assert run("withdraw", "tin", "--reason", "why")[0] == 0

    def test_needs_a_reason(self, run: Run) -> None:
        assert run("withdraw", "tin")[0] == 2
        assert run("withdraw", "tin", "--reason", " ")[0] == 2
        assert run("show", "tin")[0] == 0


class TestStatus:
    def test_json_tells_runs_portals_queue_and_size(self, run: Run, folder: Path) -> None:
        with Archive.open(folder, write=True) as archive:
            archive.frontier.offer([Link(f"{KKT}/a", "kkt"), Link(f"{KKT}/b", "kkt")], NOW)
            archive.frontier.lease(NOW, 60)
            first = archive.begin_run("crawl", "kkt")
            archive.problem(f"{KKT}/x", "fetch", "http: 500", first.id)
            archive.end_run(first, "problems", {"requests": 7})
        told = json.loads(run("status", "--json")[1])
        (portal,) = told["portals"]
        assert (portal["articles"], portal["edited"], portal["gone"]) == (4, 1, 1)
        assert portal["queue"] == {"leased": 1, "queued": 1}
        assert (told["runs"][0]["outcome"], told["runs"][0]["stats"]) == (
            "problems",
            {"requests": 7},
        )
        assert told["problems"][0]["message"] == "http: 500"
        assert told["size"]["database"] > 0 and told["writing"] is None

    def test_says_who_is_writing_and_what_the_configuration_sets(
        self, run: Run, folder: Path
    ) -> None:
        (folder / "kontum.toml").write_text('contact = "a@b.vn"\n[portal.kkt]\ndelay = 3\n')
        with WriteLock(folder, "crawl"):
            code, out, _ = run("status")
        assert code == 0
        assert "crawl is writing" in out and "a@b.vn" in out and "limits of kkt: delay 3.0" in out

    def test_counts_days_since_the_newest_article_against_the_usual_gap(
        self, run: Run, folder: Path
    ) -> None:
        with Archive.open(folder, write=True) as archive:
            scene = Scene(archive)
            scene.place = 200
            for number, day in enumerate(("2026-01-05", "2026-01-07", "2026-01-09")):
                url = f"http://syt.kontum.gov.vn/tin/bai-{number}-{number + 1}.html"
                scene.show(url, "10", f"{number}.", published_at=f"{day}T08:00:00+07:00")
        told = json.loads(run("status", "--json")[1])
        syt = next(each for each in told["portals"] if each["key"] == "syt")
        assert syt["usual_gap_days"] == 2
        assert syt["days_since_new"] == (datetime.now(tz=UTC).date() - NOW.date()).days + 22
