"""Manners towards services, bad input from them, and what a later run does: over a Wayback twin."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fills import HOST, article, fill, held, page, problems, rows
from twins import Answer, CommonCrawl, Kept, Twin, Wayback

from kontum_crawler import cli
from kontum_crawler.crawl import crawl
from kontum_crawler.errors import UsageError
from kontum_crawler.pipelines.session import Options
from kontum_crawler.portals import get
from kontum_crawler.reports.coverage import coverage
from kontum_crawler.store import Archive
from kontum_crawler.store.intake.sessions import ingest_files
from kontum_crawler.store.intake.verify import verify

pytestmark = pytest.mark.slow


REFUSALS = {
    "gone since": Answer(b"<html>not archived</html>", 404),
    "blocked, said with 200": Answer(b"<html>URL has been excluded</html>", 200),
    "nearest other": Answer(
        b"", 302, {"Location": "/web/20210101000000id_/x", "X-Archive-Redirect-Reason": "found"}
    ),
    "another capture": Answer(
        page("Khác"), 200, {"Memento-Datetime": "Fri, 01 Jan 2021 00:00:00 GMT"}
    ),
    "original elsewhere": Answer(
        b"<html>Original for revisit record could not be loaded</html>", 503
    ),
    "excluded": Answer(
        b"org.archive.util.io.RuntimeIOException: Blocked Site Error",
        403,
        {"X-Archive-Wayback-Runtime-Error": "AdministrativeAccessControlException"},
    ),
}


@pytest.mark.parametrize("reply", REFUSALS.values(), ids=REFUSALS)
def test_what_the_archive_does_not_show_is_a_problem_and_asked_for_once_in_each_later_run(
    tmp_path: Path, reply: Answer
) -> None:
    kept = [article(1, "20220305100000", reply=reply), article(2, "20220305100100")]
    with Wayback(kept) as server:
        assert fill(tmp_path, server).exit_code == 3
        assert len(server.paths("p-1.html")) == 1
        assert fill(tmp_path, server).exit_code == 3
        assert len(server.paths("p-1.html")) == 2
        assert len(server.paths("p-2.html")) == 1
        kept[0].reply = None
        assert fill(tmp_path, server).exit_code == 0
    assert len(held(tmp_path)) == 2
    assert any("cannot be had" in told for told in problems(tmp_path))


def test_a_blocked_host_is_left_alone_and_the_others_are_not(tmp_path: Path) -> None:
    blocked = REFUSALS["excluded"]
    kept = [article(n, f"20220305{n:02}0000", reply=blocked) for n in range(1, 20)]
    mirror = Kept("http://kkt-kontum.com/tin-so-99.p-99.html", "20230305100000", page("Tin"))
    with Wayback([*kept, mirror]) as server:
        assert fill(tmp_path, server).exit_code == 3
        assert 5 <= len(server.captures()) - 1 <= 9
    assert held(tmp_path) == [("2023-03-05T10:00:00Z", 200)]
    assert sum("shows nothing of this host" in told for told in problems(tmp_path)) == 1


def test_an_archived_503_is_a_capture_and_no_reason_to_rest(tmp_path: Path) -> None:
    with Wayback([article(1, "20220305100000", b"busy", status=503)]) as server:
        fill(tmp_path, server)
        assert len(server.captures()) == 1
    assert held(tmp_path) == [("2022-03-05T10:00:00Z", 503)]


def test_of_two_captures_of_a_second_the_one_that_is_shown_is_kept_once(tmp_path: Path) -> None:
    kept = [article(1, "20220305100000", page("A", text)) for text in ("B", "C")]
    with Wayback(kept) as server:
        # The server shows the first of them for both.
        assert fill(tmp_path, server).exit_code == 3
    assert len(held(tmp_path)) == 1
    assert any("other capture of that second" in told for told in problems(tmp_path))


def test_a_soft_404_is_a_capture_and_no_article(tmp_path: Path) -> None:
    missing = "<html><title>404</title><body><p>Không tìm thấy trang</p></body></html>".encode()
    with Wayback([article(1, "20220305100000", missing)]) as server:
        fill(tmp_path, server)
    assert held(tmp_path) == [("2022-03-05T10:00:00Z", 200)]
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(0,)]


def test_gzip_of_gzip_is_kept_as_stored_and_read(tmp_path: Path) -> None:
    stored = gzip.compress(page("Tin nén"), mtime=0)
    twice = gzip.compress(stored, mtime=0)
    headers = {
        "Memento-Datetime": "Sat, 05 Mar 2022 10:00:00 GMT",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Encoding": "gzip",
        "x-archive-orig-content-encoding": "gzip",
    }
    kept = article(1, "20220305100000", stored, reply=Answer(twice, 200, headers))
    with Wayback([kept]) as server:
        outcome = fill(tmp_path, server)
    assert (outcome.exit_code, outcome.counts["articles_new"]) == (0, 1)
    assert verify(tmp_path).faults == []


LIES = {
    "plain": Answer(page("A"), headers={"Content-Encoding": "gzip"}),
    "broken": Answer(gzip.compress(page("A"))[:-40], headers={"Content-Encoding": "gzip"}),
    "unknown": Answer(page("A"), headers={"Content-Encoding": "base64"}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_what_is_not_coded_as_it_says_is_asked_for_once_more_without_coding(
    tmp_path: Path, lie: Answer
) -> None:
    one = article(1, "20220305100000", page("A"))
    with Wayback([one]) as server:
        good = server._replay(one)

        def answer(path: str, headers: dict[str, str]) -> Answer:
            if "id_/" in path and headers["accept-encoding"] != "identity":
                return Answer(lie.body, headers=good.headers | lie.headers)
            return server._reply(path, headers)

        server.answer = answer
        assert fill(tmp_path, server).exit_code == 0
    assert [status for _, status in held(tmp_path)] == [200]


def test_the_digest_proves_a_body_that_is_always_declared_wrongly(tmp_path: Path) -> None:
    one = article(1, "20220305100000", page("A"))
    with Wayback([one]) as server:
        one.reply = server._replay(one)
        one.reply.headers["Content-Encoding"] = "gzip"
        assert fill(tmp_path, server).exit_code == 0
        assert len(server.captures()) == 2
    payload = hashlib.sha256(page("A")).hexdigest()
    query = "SELECT payload_digest FROM captures WHERE origin = 'wayback'"
    assert rows(tmp_path, query) == [(f"sha256:{payload}",)]


def test_what_the_archive_holds_in_part_is_marked_and_no_version(tmp_path: Path) -> None:
    whole = page("A", "Bản đủ.")
    told = {"Content-Length": str(len(whole))}
    kept = [
        article(1, "20220305100000", whole, headers=told),
        article(1, "20220405100000", whole[:-300], headers=told),
    ]
    with Wayback(kept) as server:
        assert fill(tmp_path, server).exit_code == 3
    assert rows(tmp_path, "SELECT version FROM articles") == [(1,)]
    assert any("the body ended early" in told for told in problems(tmp_path))
    assert verify(tmp_path).faults == []


@pytest.mark.parametrize("tail", ["?fbclid=IwAR0x", "?utm_source=zalo&utm_medium=a", ";sid=5"])
def test_an_address_as_somebody_shared_it_gives_the_article(tmp_path: Path, tail: str) -> None:
    one, other = (
        article(1, "20220305100000", page("A")),
        article(1, "20220405100000", page("A", "B")),
    )
    other.url += tail
    with Wayback([one, other]) as server:
        assert fill(tmp_path, server).exit_code == 0
    assert rows(tmp_path, "SELECT slug, version FROM articles") == [("tin-so-1", 2)]


def test_chains_over_hosts_stand_as_they_were_captured(tmp_path: Path) -> None:
    mirror = "http://kkt-kontum.com/tin-so-1.p-1.html"
    chain = [
        Kept(mirror, "20220305100000", b"", 301, {"Location": f"{HOST}/tin-so-1.p-1.html"}),
        article(1, "20220305100001"),
        Kept(f"{HOST}/tin-so-2.p-2.html", "20220305100002", b"", 302, {"Location": "http://a.vn/"}),
    ]
    with Wayback(chain) as server:
        outcome = fill(tmp_path, server)
    assert (outcome.counts["articles_new"], len(held(tmp_path))) == (1, 3)
    heads = b"".join(gzip.decompress(path.read_bytes()) for path in tmp_path.glob("warc/*.gz"))
    assert f"Location: {HOST}/tin-so-1.p-1.html\r\n".encode() in heads
    assert b"Location: http://a.vn/\r\n" in heads


def test_equal_answers_of_one_address_are_noted_on_the_list_s_word(tmp_path: Path) -> None:
    body = page("Tin cũ")
    stamps = ["20220305100000", "20230305100000", "20240305100000"]
    kept = [article(1, stamp, body) for stamp in stamps]
    kept[1].listed = {"statuscode": "-", "mimetype": "warc/revisit"}
    kept[2].url = kept[2].url.replace("http:", "https:")
    with Wayback(kept) as server:
        fill(tmp_path, server)
        assert len(server.captures()) == 1
    found = rows(
        tmp_path,
        "SELECT status, media_type, revisit_of IS NULL FROM captures WHERE origin='wayback'",
    )
    assert found == [(200, "text/html", 1), (200, "text/html", 0), (200, "text/html", 0)]
    seen = rows(tmp_path, "SELECT first_seen_at, last_seen_at, version FROM articles")
    assert seen == [("2022-03-05T10:00:00Z", "2024-03-05T10:00:00Z", 1)]


def test_two_empty_answers_are_never_the_same(tmp_path: Path) -> None:
    targets = ["/", f"{HOST}/tin-so-2.p-2.html"]
    kept = [
        article(1, f"2022030510000{n}", b"", status=302, headers={"Location": target})
        for n, target in enumerate(targets)
    ]
    with Wayback(kept) as server:
        fill(tmp_path, server)
        assert len(server.captures()) == 2


def test_days_bound_the_time_of_capture_and_both_are_included(tmp_path: Path) -> None:
    stamps = ["20211231235959", "20220101000000", "20221231235959", "20230101000000"]
    with Wayback([article(1, stamp) for stamp in stamps]) as server:
        fill(tmp_path, server, since="2022-01-01", until="2022-12-31")
        assert [path[5:19] for path in server.captures()] == stamps[1:3]
        fill(tmp_path, server)
    assert len(held(tmp_path)) == 4


@pytest.mark.parametrize(("choose", "wanted"), [("first", 0), ("last", 2)])
def test_one_capture_of_each_page_may_be_chosen(tmp_path: Path, choose: Any, wanted: int) -> None:
    stamps = ["20220305100000", "20220405100000", "20220505100000"]
    with Wayback([article(1, stamp) for stamp in stamps]) as server:
        fill(tmp_path, server, choose=choose)
        assert [path[5:19] for path in server.captures()] == [stamps[wanted]]


@pytest.mark.parametrize("choose", ["first", "last"])
def test_what_is_chosen_is_the_page_and_neither_its_redirect_nor_its_end(
    tmp_path: Path, choose: Any
) -> None:
    one = article(1, "20220305100001")
    one.url = one.url.replace("http:", "https:")
    moved = article(1, "20220305100000", b"", status=301, headers={"Location": one.url})
    ended = article(1, "20230305100000", b"<h1>404</h1>", status=404)
    never = article(2, "20230305100000", b"<h1>404</h1>", status=404)
    with Wayback([moved, one, ended, never]) as server:
        fill(tmp_path, server, choose=choose)
    assert [status for _, status in held(tmp_path)] == [200, 404]


def test_a_limit_counts_articles_and_the_next_run_goes_on_without_listing(
    tmp_path: Path, sound: Any
) -> None:
    with Wayback(sound) as server:
        fill(tmp_path, server, limit=2)
        assert len(held(tmp_path)) == 2
        listed = server.listed
        fill(tmp_path, server)
        assert (len(held(tmp_path)), server.listed) == (5, listed)


class Tired(Wayback):
    """Asks for a pause in answer to the n-th request for a capture."""

    at, seconds, status = 2, 1, 429

    def answer_or_rest(self, target: str, headers: dict[str, str]) -> Answer:
        if "id_/" in target and len(self.captures()) == self.at:
            return Answer(b"slow down", self.status, {"Retry-After": str(self.seconds)})
        return self._reply(target, headers)

    def __init__(self, kept: list[Kept], **more: Any) -> None:
        super().__init__(kept)
        self.answer = self.answer_or_rest
        for name, value in more.items():
            setattr(self, name, value)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_stops_every_request_to_the_service(tmp_path: Path, status: int) -> None:
    kept = [article(n, f"20220305{n:02}0000") for n in range(1, 20)]
    with Tired(kept, at=8, status=status) as server:
        assert fill(tmp_path, server).exit_code == 0
        asked = [seen for seen in server.asked if "id_/" in seen.path]
        tired = asked[server.at - 1].at
    assert len(held(tmp_path)) == 19
    # What was in flight had been sent before; nothing else goes out while the pause lasts.
    assert sum(0 < seen.at - tired < 0.95 for seen in asked) <= 3


def test_an_overloaded_service_rests_also_where_it_does_not_say_how_long(tmp_path: Path) -> None:
    kept = [article(n, f"20220305{n:02}0000") for n in range(1, 20)]
    with Wayback(kept) as server:
        tired: list[float] = []

        def answer(path: str, headers: dict[str, str]) -> Answer:
            if "id_/" in path and len(server.captures()) == 8:
                tired.append(server.asked[-1].at)
                return Answer(b"too many", 429)
            return server._reply(path, headers)

        server.answer = answer
        assert fill(tmp_path, server).exit_code == 0
        asked = [seen.at for seen in server.asked]
    assert len(held(tmp_path)) == 19
    assert sum(0 < at - tired[0] < 0.45 for at in asked) <= 3


def test_too_many_requests_is_no_word_on_any_of_them(tmp_path: Path) -> None:
    kept = [article(n, f"20220305{n:02}0000") for n in range(1, 10)]
    with Wayback(kept) as server:

        def answer(path: str, headers: dict[str, str]) -> Answer:
            # From the first capture on, three seconds of it.
            captures = [seen.at for seen in server.asked if "id_/" in seen.path]
            if captures and captures[-1] - captures[0] < 3:
                return Answer(b"too many", 429)
            return server._reply(path, headers)

        server.answer = answer
        assert fill(tmp_path, server).exit_code == 0
        assert len(server.captures()) < 40
    assert (len(held(tmp_path)), problems(tmp_path)) == (9, [])


def test_a_long_pause_ends_the_run_and_is_kept_by_the_next(tmp_path: Path) -> None:
    kept = [article(n, f"20220305{n:02}0000") for n in range(1, 20)]
    with Tired(kept, at=8, seconds=7200) as server:
        assert fill(tmp_path, server).exit_code == 3
        asked = len(server.asked)
        assert asked < 20
        assert fill(tmp_path, server).exit_code == 3
        assert len(server.asked) == asked
    assert any("7,200 seconds" in told for told in problems(tmp_path))


def test_the_plan_is_printed_as_one_object(
    tmp_path: Path, sound: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with Wayback([*sound, article(1, "20230305100000", sound[0].body)]) as server:
        base = ["crawl", "kkt", "--from", "wayback", "--cdx-url", server.cdx, "--dry-run", "--json"]
        assert cli._run([*base, "--archive", str(tmp_path / "none")]) == 0
        told = json.loads(capsys.readouterr().out)
        assert server.captures() == []
    assert (told["captures"], told["repeats"], told["held"]) == (5, 1, 0)
    assert {(row["host"], row["year"]) for row in told["rows"]} == {
        ("kkt.kontum.gov.vn", 2022),
        ("kkt.kontum.gov.vn", 2023),
    }
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--cdx-url", "http://127.0.0.1:1/cdx"],
        ["--from", "wayback", "--cdx-url", "http://127.0.0.1:1/search"],
        ["--from", "wayback", "--columnar", "."],
        ["--from", "elsewhere"],
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    tmp_path: Path, options: list[str]
) -> None:
    assert cli._run(["crawl", "kkt", "--archive", str(tmp_path / "none"), *options]) == 2
    assert not (tmp_path / "none").exists()


def test_addresses_that_are_no_list_are_wrong_usage(tmp_path: Path) -> None:
    from kontum_crawler.archives.services import checked_service

    for url in ("ftp://a.vn/cdx", "http://a.vn/search", "nonsense", "http://a.vn:x/cdx"):
        with pytest.raises(UsageError):
            checked_service("wayback", url)


def test_a_collection_that_is_not_there_is_told(tmp_path: Path) -> None:
    def answer(path: str, headers: dict[str, str]) -> Answer:
        told = json.dumps({"fixed": [], "dynamic": ["kkt"]}).encode()
        return Answer(told if path == "/collinfo.json" else b"")

    with Twin(answer) as server:
        address = f"{server.base}/kktt/cdx"
        chosen = Options(origin="wayback", cdx_url=address, named_hosts=("127.0.0.1",))
        assert crawl(tmp_path, [get("kkt")], chosen).exit_code == 3
    assert any("no such collection" in told for told in problems(tmp_path))


@pytest.fixture
def common(tmp_path: Path) -> Iterator[CommonCrawl]:
    from history import write_history

    with CommonCrawl(write_history(tmp_path / "history", 1)[:1]) as server:
        yield server


def test_the_file_of_a_record_is_always_one_of_the_service(
    tmp_path: Path, common: CommonCrawl
) -> None:
    for lines in common.lines.values():
        for line in lines:
            line["filename"] = "http://other.example/a.warc.gz"
    assert fill(tmp_path, common, "commoncrawl").exit_code == 3
    assert common.paths("other.example/a.warc.gz")


def test_a_range_that_comes_back_whole_or_short_is_refused(
    tmp_path: Path, common: CommonCrawl
) -> None:
    lines = next(iter(common.lines.values()))
    lines[0]["length"], lines[1]["length"] = "0", str(int(lines[1]["length"]) - 5)
    lines[2]["timestamp"] = "20200101000000"
    archive = tmp_path / "archive"
    assert fill(archive, common, "commoncrawl").exit_code == 3
    told = " ".join(problems(archive))
    assert "does not say where the record lies" in told
    assert "instead" in told
    assert len(held(archive)) == len(lines) - 3
    assert verify(archive).faults == []


def test_403_means_blocked_and_ends_the_run(tmp_path: Path, common: CommonCrawl) -> None:
    common.answer = lambda path, headers: (
        Answer(b"forbidden", 403) if ".warc" in path else common._reply(path, headers)
    )
    assert fill(tmp_path / "archive", common, "commoncrawl").exit_code == 3
    assert 1 <= len(common.paths(".warc.gz")) <= 4
    assert any("blocks us" in told for told in problems(tmp_path / "archive"))


def test_the_columnar_index_gives_the_same_captures(tmp_path: Path, common: CommonCrawl) -> None:
    duckdb = pytest.importorskip("duckdb")
    lines = [line for rows_of in common.lines.values() for line in rows_of]
    (tmp_path / "lines.json").write_text(json.dumps(lines))
    target = tmp_path / "index" / "crawl=CC-MAIN-2022-10" / "subset=warc"
    target.mkdir(parents=True)
    duckdb.sql(
        "COPY (SELECT urlkey AS url_surtkey, url, regexp_extract(url, '//([^/:]+)', 1) AS"
        " url_host_name, strptime(timestamp, '%Y%m%d%H%M%S') AS fetch_time,"
        " try_cast(status AS SMALLINT) AS fetch_status, digest AS content_digest,"
        " mime AS content_mime_type, filename AS warc_filename,"
        ' "offset"::INTEGER AS warc_record_offset, length::INTEGER AS warc_record_length'
        f" FROM read_json('{tmp_path / 'lines.json'}', columns={{urlkey: 'VARCHAR',"
        " timestamp: 'VARCHAR', url: 'VARCHAR', mime: 'VARCHAR', status: 'VARCHAR',"
        " digest: 'VARCHAR', filename: 'VARCHAR', 'offset': 'VARCHAR', length: 'VARCHAR'}))"
        f" TO '{target / 'part-0.parquet'}' (FORMAT parquet)"
    )
    listed, told = tmp_path / "listed", tmp_path / "told"
    fill(listed, common, "commoncrawl")
    fill(told, common, "commoncrawl", columnar=tmp_path / "index")
    assert held(told) == held(listed) != []


LISTED = (
    "SELECT portal, origin, service, kind, url_key, url, stamp, status, media_type, digest, length,"
    ' filename, "offset", truncated FROM archive_plan ORDER BY url, stamp, filename, "offset"'
)


def covered(folder: Path) -> dict[str, Any]:
    with Archive.open(folder) as archive:
        return coverage(archive.db, get("kkt")).as_dict()


def rebuild(folder: Path) -> None:
    """Make the database anew from the WARC files alone."""
    for path in folder.glob("kontum.db*"):
        path.unlink()
    ingest_files(folder, [folder / "warc"])


@pytest.mark.parametrize("dialect", ["text", "json"])
def test_what_was_listed_and_never_fetched_is_known_after_a_rebuild(
    tmp_path: Path, sound: Any, dialect: str
) -> None:
    with Wayback(sound, dialect=dialect, page_size=2) as server:
        whole = server._list({"url": "kkt.kontum.gov.vn/*"})
        server.faults = {2: Answer(whole.body, cut=len(whole.body) - 30)}
        fill(tmp_path, server, limit=1)
        before, plan = covered(tmp_path), rows(tmp_path, LISTED)
        rebuild(tmp_path)
        assert (covered(tmp_path), rows(tmp_path, LISTED)) == (before, plan)
        assert (len(plan), len(before["missing"])) == (5, 4)
        fill(tmp_path, server)
        assert len(server.captures()) == 5
    assert verify(tmp_path).faults == []


def test_the_same_from_the_index_of_common_crawl(tmp_path: Path, common: CommonCrawl) -> None:
    archive = tmp_path / "archive"
    fill(archive, common, "commoncrawl", limit=1)
    before, plan = covered(archive), rows(archive, LISTED)
    rebuild(archive)
    assert (covered(archive), rows(archive, LISTED)) == (before, plan)
    assert before["missing"] != [] and len(plan) > 5
