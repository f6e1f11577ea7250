"""What a capture brings along: repeats, files, tombstones, and reading again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from scene import Scene, captured, moment, opened, shown

from kontum_crawler.errors import KontumError, UsageError
from kontum_crawler.extract.answer import Answer
from kontum_crawler.items import Attachment, Citation, Image
from kontum_crawler.store import Archive
from kontum_crawler.store.detail import detail, find
from kontum_crawler.store.identity.tombstones import Tombstone

KKT = "http://kkt.kontum.gov.vn"
TIN = f"{KKT}/tin.p-5.html"
FILE = f"{KKT}/uploads/ke-hoach.pdf"
PICTURE = f"{KKT}/uploads/anh.jpg"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with opened(tmp_path / "archive") as archive:
        yield Scene(archive)


class TestRepeats:
    def test_a_record_is_taken_in_once(self, scene: Scene) -> None:
        first = scene.record(TIN, "1", shown(scene.archive, TIN, "Một."), warc_offset=7)
        again = scene.record(TIN, "1", shown(scene.archive, TIN, "Một."), warc_offset=7)
        assert (first.known, again.known) == (False, True)
        assert (again.capture_id, again.article_id) == (first.capture_id, first.article_id)
        assert len(scene.rows("captures")) == 1

    def test_a_record_that_said_nothing_may_be_told_later_what_it_says(self, scene: Scene) -> None:
        first = scene.record(TIN, "1", None, warc_offset=7)
        assert first.change is None
        again = scene.record(TIN, "1", shown(scene.archive, TIN, "Một."), warc_offset=7)
        assert (again.capture_id, again.change) == (first.capture_id, "new")

    @pytest.mark.parametrize("answer", [None, Answer("none")], ids=["revisit", "304"])
    def test_a_304_says_what_its_original_said(self, scene: Scene, answer: Answer | None) -> None:
        first = scene.show(TIN, "1", "Một.")
        again = scene.record(TIN, "2", answer, status=304, revisit_of=first.capture_id)
        assert again.change == "unchanged"
        row = scene.article("tin")
        assert row["last_seen_at"] == moment("2")
        assert scene.rows("captures")[1]["content_hash"] == row["content_hash"]

    def test_a_304_after_a_proof_of_absence_brings_the_article_back(self, scene: Scene) -> None:
        first = scene.show(TIN, "1", "Một.")
        scene.gone(TIN, "2")
        scene.record(TIN, "3", None, status=304, revisit_of=first.capture_id)
        assert scene.article("tin")["gone_at"] is None

    def test_a_revisit_of_another_page_says_nothing(self, scene: Scene) -> None:
        first = scene.show(TIN, "1", "Một.")
        other = scene.record(f"{KKT}/khac.p-6.html", "2", None, revisit_of=first.capture_id)
        assert other.article_id is None
        assert scene.slugs() == ["tin"]

    def test_further_digests_of_a_payload_find_its_capture(self, scene: Scene) -> None:
        capture = captured(TIN, "1", warc_offset=3)
        recorded = scene.archive.record(capture, None, "run", digests=["sha1:A", "sha1:A"])
        found = scene.archive.db.execute(
            "SELECT capture_id FROM capture_digests WHERE digest = 'sha1:A'"
        ).fetchall()
        assert [row[0] for row in found] == [recorded.capture_id]

    @pytest.mark.parametrize("url", ["dns:kkt.kontum.gov.vn", "http://", "http://[::1", "x"])
    def test_an_address_that_is_none_is_kept_as_a_capture(self, scene: Scene, url: str) -> None:
        assert scene.record(url, "1", Answer("gone")).article_id is None
        assert len(scene.rows("captures")) == 1

    def test_a_host_that_no_file_names_is_a_portal_of_its_own(self, scene: Scene) -> None:
        url = "https://so-moi.kontum.vn/tin/bai-viet"
        scene.record(url, "1", shown(scene.archive, url, "Một."))
        assert scene.rows("articles")[0]["portal"] == "so-moi.kontum.vn"
        assert scene.rows("portals")[0]["key"] == "so-moi.kontum.vn"


class TestFiles:
    def article(self, scene: Scene, at: str = "1") -> None:
        scene.show(
            TIN,
            at,
            "Theo Kế hoạch 1600.",
            attachments=[Attachment(FILE, "ke-hoach.pdf")],
            images=[Image(PICTURE, "Quang cảnh", "Y Hoa")],
            citations=[Citation("body", 5, 18, "Kế hoạch 1600", number="1600")],
        )

    def file(self, scene: Scene, at: str = "2", url: str = FILE) -> None:
        recorded = scene.record(url, at, Answer("document"), media_type="application/pdf")
        document = Attachment(url, None, "application/pdf", 9, "sha256:x", f"Chữ {at}", "ok")
        scene.archive.attach(recorded.capture_id, document)

    def test_page_and_file_meet_in_either_order(self, scene: Scene, tmp_path: Path) -> None:
        self.article(scene)
        self.file(scene)
        scene.record(PICTURE, "2", None, media_type="image/jpeg")
        expected = scene.rows("attachments"), scene.rows("images"), scene.rows("citations")
        assert expected[0][0]["text"] == "Chữ 2"
        assert (expected[0][0]["filename"], expected[0][0]["warc_offset"]) == ("ke-hoach.pdf", 2)
        assert (expected[1][0]["caption"], expected[1][0]["warc_offset"]) == ("Quang cảnh", 3)
        with opened(tmp_path / "other") as archive:
            other = Scene(archive)
            other.place = 1
            self.file(other)
            other.record(PICTURE, "2", None, media_type="image/jpeg")
            other.place = 0
            self.article(other)
            assert (
                other.rows("attachments"),
                other.rows("images"),
                other.rows("citations"),
            ) == expected

    def test_the_newest_capture_of_a_file_counts(self, scene: Scene) -> None:
        self.article(scene)
        self.file(scene, "3")
        self.file(scene, "2")
        assert scene.rows("attachments")[0]["text"] == "Chữ 3"

    def test_http_and_https_of_a_file_are_one(self, scene: Scene) -> None:
        self.article(scene)
        self.file(scene, url=FILE.replace("http:", "https:"))
        assert scene.rows("attachments")[0]["text_status"] == "ok"

    def test_a_page_that_no_longer_names_a_file_has_none(self, scene: Scene) -> None:
        self.article(scene)
        scene.show(TIN, "2", "Theo Kế hoạch 1600.")
        assert scene.rows("attachments") == scene.rows("citations") == []

    def test_a_row_that_stays_as_it_was_keeps_its_id(self, scene: Scene) -> None:
        self.article(scene)
        before = scene.archive.db.execute("SELECT id FROM attachments").fetchone()[0]
        scene.show(
            TIN,
            "2",
            "Theo Kế hoạch 1600.",
            tags=["mới"],
            attachments=[Attachment(FILE, "ke-hoach.pdf")],
        )
        assert scene.archive.db.execute("SELECT id FROM attachments").fetchone()[0] == before


class TestWithdraw:
    def test_hides_the_article_from_every_table_and_the_index(self, scene: Scene) -> None:
        scene.show(TIN, "1", "Sâm Ngọc Linh.", attachments=[Attachment(FILE)])
        scene.show(f"{KKT}/khac.p-6.html", "1", "Khác.")
        scene.archive.withdraw("tin", "Request of the person")
        assert scene.slugs() == ["khac"]
        assert scene.rows("attachments") == []
        assert scene.archive.search("sâm ngọc linh").hits == []

    def test_keeps_the_captures_and_says_that_they_are_withdrawn(self, scene: Scene) -> None:
        capture_id = scene.show(TIN, "1").capture_id
        other = scene.show(f"{KKT}/khac.p-6.html", "1", "Khác.").capture_id
        scene.archive.withdraw("tin", "why")
        assert len(scene.rows("captures")) == 2
        assert scene.archive.is_withdrawn(capture_id)
        assert not scene.archive.is_withdrawn(other)

    def test_lasts_when_it_is_seen_again_edited_moved_or_read_again(self, scene: Scene) -> None:
        first = scene.show(TIN, "1", "Một.")
        scene.archive.withdraw("tin", "why")
        assert scene.show(TIN, "2", "Một.").change is None
        assert scene.show(TIN, "3", "Hai.").article_id is None
        scene.show(f"{KKT}/tin-moi.p-5.html", "4", "Ba.")
        scene.archive.reread([(first.capture_id, shown(scene.archive, TIN, "Bốn."))])
        assert scene.slugs() == []

    def test_holds_the_article_and_not_whoever_has_its_slug_later(self, scene: Scene) -> None:
        scene.show(TIN, "2", "Một.")
        scene.archive.withdraw("tin", "why")
        scene.show(f"{KKT}/tin.p-12.html", "1", "Hai.")
        assert [row["native_id"] for row in scene.rows("articles")] == ["12"]

    def test_is_put_back_before_or_after_the_captures(self, scene: Scene, tmp_path: Path) -> None:
        scene.show(TIN, "1")
        tombstone = scene.archive.withdraw("tin", "why", at="2026-01-31T00:00:00Z")
        for number, early in enumerate((True, False)):
            with opened(tmp_path / str(number)) as archive:
                other = Scene(archive)
                if early:
                    archive.restore_tombstone(tombstone)
                other.show(TIN, "1")
                archive.restore_tombstone(tombstone)
                assert other.slugs() == []
                assert archive.tombstones() == [tombstone]

    def test_is_written_down_before_it_holds(self, scene: Scene) -> None:
        scene.show(TIN, "1")

        def fail(tombstone: Tombstone) -> None:
            raise KontumError(f"no room for {tombstone.slug}")

        with pytest.raises(KontumError, match="no room for tin"):
            scene.archive.withdraw("tin", "why", keep=fail)
        assert scene.slugs() == ["tin"]
        assert scene.archive.tombstones() == []

    def test_an_unknown_slug_is_wrong_usage(self, scene: Scene) -> None:
        with pytest.raises(UsageError, match="nothing was withdrawn"):
            scene.archive.withdraw("tin", "why")

    def test_show_says_when_and_why(self, scene: Scene) -> None:
        scene.show(TIN, "1")
        scene.archive.withdraw("tin", "Request of the person", at="2026-01-31T00:00:00Z")
        with pytest.raises(KontumError, match="withdrawn on 2026-01-31: Request of the person"):
            find(scene.archive.db, "tin")


class TestReread:
    def test_tells_each_field_that_changed(self, scene: Scene) -> None:
        first = scene.show(TIN, "1", "Một.", byline=None)
        better = shown(scene.archive, TIN, "Một.", unit="Văn phòng", tags=["a"])
        told = scene.archive.reread([(first.capture_id, better)])
        assert (told.captures, told.changed) == (1, 1)
        assert {(each.slug, each.field, each.before, each.after) for each in told.changes} == {
            ("tin", "unit", None, "Văn phòng"),
            ("tin", "tags", "[]", '["a"]'),
        }

    def test_a_page_that_is_no_article_after_all_takes_its_row_away(self, scene: Scene) -> None:
        first = scene.show(TIN, "1")
        told = scene.archive.reread([(first.capture_id, Answer("listing"))])
        assert scene.slugs() == []
        assert [(each.field, each.after) for each in told.changes] == [("article", None)]
        assert scene.rows("captures")[0]["content_hash"] is None

    def test_a_page_that_is_one_after_all_gets_its_row(self, scene: Scene) -> None:
        first = scene.record(TIN, "1", Answer("none"))
        scene.archive.reread([(first.capture_id, shown(scene.archive, TIN, "Một."))])
        assert scene.versions("tin") == ["Một."]

    def test_rows_keep_their_ids(self, scene: Scene) -> None:
        first = scene.show(TIN, "1", "Một.")
        scene.archive.reread([(first.capture_id, shown(scene.archive, TIN, "Hai."))])
        assert find(scene.archive.db, "tin") == first.article_id

    def test_leaves_no_text_behind_that_nobody_says(self, scene: Scene) -> None:
        first = scene.show(TIN, "1", "Một.")
        again = scene.show(TIN, "2", "Một.")
        count = "SELECT count(*) FROM extracts"
        scene.archive.reread([(first.capture_id, shown(scene.archive, TIN, "Hai."))])
        assert scene.archive.db.execute(count).fetchone()[0] == 2
        scene.archive.reread([(again.capture_id, shown(scene.archive, TIN, "Hai."))])
        assert scene.archive.db.execute(count).fetchone()[0] == 1
        scene.archive.forget([first.capture_id, again.capture_id])
        assert scene.archive.db.execute(count).fetchone()[0] == 0


class TestFind:
    def test_an_earlier_slug_finds_the_article(self, scene: Scene) -> None:
        scene.show(TIN, "1")
        scene.show(f"{KKT}/moi.p-5.html", "2")
        assert find(scene.archive.db, "tin") == find(scene.archive.db, "moi")

    def test_the_name_that_a_twin_would_have_finds_it(self, scene: Scene) -> None:
        scene.show(TIN, "1")
        assert find(scene.archive.db, "tin~5") == find(scene.archive.db, "tin")

    def test_each_of_its_addresses_finds_it(self, scene: Scene) -> None:
        scene.show(TIN, "1")
        scene.moved(f"{KKT}/cu.p-4.html", "1", TIN)
        assert find(scene.archive.db, TIN) == find(scene.archive.db, f"{KKT}/cu.p-4.html")

    def test_a_slug_of_two_portals_asks_for_one(self, scene: Scene) -> None:
        scene.show(TIN, "1")
        scene.show("http://baokontum.com.vn/xa-hoi/tin-9.html", "1")
        with pytest.raises(UsageError, match="--portal") as refused:
            find(scene.archive.db, "tin")
        assert "baokontum" in str(refused.value) and "kkt" in str(refused.value)
        assert find(scene.archive.db, "tin", "kkt") != find(scene.archive.db, "tin", "baokontum")

    def test_a_portal_without_that_slug_is_told(self, scene: Scene) -> None:
        scene.show(TIN, "1")
        with pytest.raises(UsageError, match="no article «tin» of syt"):
            find(scene.archive.db, "tin", "syt")

    def test_the_whole_article_has_all_that_hangs_on_it(self, scene: Scene) -> None:
        scene.show(TIN, "1", "Một.", tags=["a"])
        scene.gone(TIN, "2")
        article = detail(scene.archive.db, find(scene.archive.db, "tin"))
        assert article["tags"] == ["a"]
        assert [each["url"] for each in article["urls"]] == [TIN]
        assert [each["status"] for each in article["captures"]] == [200, 404]
        assert [each["body"] for each in article["versions"]] == ["Một."]
        assert article["attachments"] == article["images"] == article["citations"] == []


class TestRuns:
    def test_a_run_that_never_ended_was_killed(self, scene: Scene) -> None:
        archive = scene.archive
        first = archive.begin_run("crawl", "kkt")
        second = archive.begin_run("crawl")
        archive.end_run(second, "done", {"articles_new": 1})
        rows = archive.db.execute("SELECT command, outcome, stats FROM runs ORDER BY id").fetchall()
        assert [tuple(row) for row in rows] == [
            ("crawl kkt", "killed", None),
            ("crawl", "done", '{"articles_new": 1}'),
        ]
        assert first.key != second.key

    def test_a_run_is_restored_once(self, scene: Scene) -> None:
        archive = scene.archive
        first = archive.begin_run("crawl")
        assert archive.restore_run(first.key, "crawl", first.started_at).id == first.id
        other = archive.restore_run("other", "crawl", first.started_at, outcome="done")
        assert archive.restore_run("other", "crawl", first.started_at).id == other.id

    def test_a_problem_of_any_length_is_kept_short(self, scene: Scene) -> None:
        scene.archive.problem(TIN, "extract", "x" * 100_000)
        (message,) = scene.archive.db.execute("SELECT message FROM problems").fetchone()
        assert len(message) == 2000 and message.endswith("…")

    def test_an_inner_transaction_is_part_of_the_outer(self, scene: Scene) -> None:
        with pytest.raises(ZeroDivisionError), scene.archive.transaction():
            scene.show(TIN, "1")
            raise ZeroDivisionError
        assert scene.slugs() == []
        assert isinstance(scene.archive, Archive)
