"""Each sentence of «Identity and dedupe», played once through the store."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from scene import Scene, opened

KKT = "http://kkt.kontum.gov.vn"
MIRROR = "https://kkt-kontum.com"
OLD = "http://kkt-kontum.gov.vn"
NUKE = "https://www.tuyengiaokontum.org.vn"
TV = "https://kontumtv.vn/tin-tuc"
SECTION = "http://ngochoi.kontum.gov.vn"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with opened(tmp_path / "archive") as archive:
        yield Scene(archive)


class TestSlug:
    def test_is_that_of_the_url_decoded_with_its_curly_quotes(self, scene: Scene) -> None:
        scene.show(f"{KKT}/thang-%E2%80%9Ctre-em%E2%80%9D.p-3496.html", "1")
        row = scene.article("thang-“tre-em”")
        assert row["native_id"] == "3496"

    def test_in_nfd_is_the_same_as_in_nfc(self, scene: Scene) -> None:
        scene.show(f"{KKT}/h%C3%B2a.p-5.html", "1")
        assert scene.show(f"{KKT}/ho%CC%80a.p-5.html", "2").change == "unchanged"
        assert scene.slugs() == ["hòa"]

    def test_is_made_from_the_title_where_the_url_has_none(self, scene: Scene) -> None:
        scene.show(f"{SECTION}/NewsDetail.aspx?id=5", "1", title="Tin dau tien")
        assert scene.slugs() == ["tin-dau-tien"]

    def test_made_from_the_title_stays_when_the_title_changes(self, scene: Scene) -> None:
        scene.show(f"{SECTION}/NewsDetail.aspx?id=5", "1", title="Tin dau tien")
        scene.show(f"{SECTION}/NewsDetail.aspx?id=5", "2", title="Tin da sua")
        assert scene.slugs() == ["tin-dau-tien"]
        assert scene.article("tin-dau-tien")["title"] == "Tin da sua"

    def test_of_an_address_goes_before_one_made_from_a_title(self, scene: Scene) -> None:
        scene.show(f"{SECTION}/tin/Tin-trong-ngay-5", "1")
        scene.show(f"{SECTION}/NewsDetail.aspx?id=5", "2", title="Khac")
        assert scene.slugs() == ["Tin-trong-ngay"]


class TestMirrors:
    def test_two_hosts_are_one_article_with_two_urls(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1")
        assert scene.show(f"{MIRROR}/tin.p-5.html", "2").change == "unchanged"
        assert scene.urls("tin") == [f"{KKT}/tin.p-5.html", f"{MIRROR}/tin.p-5.html"]

    def test_url_is_the_address_on_the_canonical_host(self, scene: Scene) -> None:
        scene.show(f"{MIRROR}/tin.p-5.html", "1")
        assert scene.article("tin")["url"] == "https://kkt.kontum.gov.vn/tin.p-5.html"

    def test_a_generation_that_only_the_mirror_has_keeps_its_host(self, scene: Scene) -> None:
        scene.show(f"{OLD}/-Tin-cu/8487", "1")
        assert scene.article("-Tin-cu")["url"] == f"{OLD}/-Tin-cu/8487"

    @pytest.mark.parametrize(
        "other",
        ["https://baokontum.com.vn", "http://www.baokontum.com.vn", "http://m.baokontum.com.vn"],
    )
    def test_scheme_www_and_m_make_no_other_article(self, scene: Scene, other: str) -> None:
        scene.show("http://baokontum.com.vn/xa-hoi/tin-24017.html", "1")
        scene.show(f"{other}/xa-hoi/tin-24017.html", "2")
        assert scene.slugs() == ["tin"]
        assert len(scene.urls("tin")) == 2


class TestAliases:
    def test_a_print_copy_is_one_more_url_and_no_version(self, scene: Scene) -> None:
        scene.show(f"{NUKE}/a/tin-5.html", "1", "Bài.")
        scene.show(f"{NUKE}/savefile/a/tin-5.html", "2", "Bài. In ra.")
        assert scene.versions("tin") == ["Bài."]
        assert scene.urls("tin") == [f"{NUKE}/a/tin-5.html", f"{NUKE}/savefile/a/tin-5.html"]

    def test_a_print_copy_seen_first_gives_way_to_the_article(self, scene: Scene) -> None:
        scene.show(f"{NUKE}/savefile/a/tin-5.html", "1", "Bài. In ra.")
        assert scene.versions("tin") == ["Bài. In ra."]
        scene.show(f"{NUKE}/a/tin-5.html", "2", "Bài.")
        assert scene.versions("tin") == ["Bài."]
        assert scene.article("tin")["url"] == f"{NUKE}/a/tin-5.html"

    def test_an_address_by_id_is_the_same_article(self, scene: Scene) -> None:
        scene.show(f"{SECTION}/tin/Tin-trong-ngay-5", "1")
        scene.show(f"{SECTION}/NewsDetail.aspx?id=5", "1.5")
        scene.show(f"{SECTION}/PrintNews.aspx?id=5", "1.6")
        assert scene.slugs() == ["Tin-trong-ngay"]
        assert len(scene.urls("Tin-trong-ngay")) == 3


class TestOneMoreUrl:
    def test_same_slug_and_text_under_another_id(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        assert scene.show(f"{KKT}/tin.p-12.html", "2", "Một.").change == "moved"
        assert scene.slugs() == ["tin"]
        assert scene.article("tin")["native_id"] == "12"
        assert len(scene.urls("tin")) == 2

    def test_same_slug_and_text_under_another_category(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/tin", "1")
        scene.show(f"{TV}/b/tin", "2")
        assert scene.slugs() == ["tin"]

    def test_same_slug_and_an_older_text_of_the_article(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/tin", "1", "Một.")
        scene.show(f"{TV}/a/tin", "2", "Hai.")
        scene.show(f"{TV}/b/tin", "3", "Một.")
        assert scene.slugs() == ["tin"]
        assert scene.versions("tin") == ["Một.", "Hai."]

    def test_same_native_id_under_another_slug_without_a_redirect(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        scene.show(f"{KKT}/tin-moi.p-5.html", "2", "Hai.")
        assert scene.slugs() == ["tin-moi"]
        assert scene.urls("tin-moi") == [f"{KKT}/tin-moi.p-5.html", f"{KKT}/tin.p-5.html"]
        assert scene.versions("tin-moi") == ["Một.", "Hai."]

    def test_the_same_number_in_another_id_space_is_another_article(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        scene.show(f"{OLD}/Tin-khac/5", "2", "Hai.")
        assert scene.slugs() == ["Tin-khac", "tin"]

    def test_seen_again_every_night_it_does_not_move_again(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/tin", "1")
        scene.show(f"{TV}/b/tin", "1.5")
        assert scene.show(f"{TV}/a/tin", "2").change == "unchanged"
        assert scene.show(f"{TV}/b/tin", "2.5").change == "unchanged"


class TestTwins:
    def test_same_slug_another_id_another_text_is_another_article(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        assert scene.show(f"{KKT}/tin.p-12.html", "2", "Hai.").change == "new"
        assert scene.slugs() == ["tin", "tin~12"]

    def test_without_ids_the_path_tells_them_apart(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/tin", "1", "Một.")
        scene.show(f"{TV}/b/tin", "2", "Hai.")
        digest = hashlib.sha256(b"/tin-tuc/b/tin").hexdigest()[:8]
        assert scene.slugs() == ["tin", f"tin~{digest}"]

    def test_without_ids_the_host_does_not_tell_them_apart(self, scene: Scene) -> None:
        scene.show("http://congan.kontum.gov.vn/trang-chu/a/tin.html", "1", "Một.")
        scene.show("https://www.congan.kontum.gov.vn/trang-chu/a/tin.html", "2", "Hai.")
        assert scene.slugs() == ["tin"]
        assert scene.versions("tin") == ["Một.", "Hai."]

    def test_the_older_capture_has_the_plain_slug_also_when_it_comes_later(
        self, scene: Scene
    ) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "2", "Một.")
        scene.show(f"{KKT}/tin.p-12.html", "1", "Hai.")
        assert scene.article("tin")["native_id"] == "12"
        assert scene.article("tin~5")["body"] == "Một."

    def test_of_one_second_the_smaller_id_as_a_number_has_it(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-12.html", "1", "Hai.")
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        assert scene.article("tin")["native_id"] == "5"
        assert scene.article("tin~12")["native_id"] == "12"

    def test_a_row_goes_on_when_twins_change_names(self, scene: Scene) -> None:
        first = scene.show(f"{KKT}/tin.p-5.html", "3", "Một.").article_id
        second = scene.show(f"{KKT}/tin.p-12.html", "4", "Hai.").article_id
        scene.show(f"{KKT}/tin.p-12.html", "1", "Hai.")
        slugs = dict(scene.archive.db.execute("SELECT id, slug FROM articles").fetchall())
        assert slugs == {first: "tin~5", second: "tin"}

    def test_an_own_url_stays_its_own_whatever_it_shows_later(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        scene.show(f"{KKT}/tin.p-12.html", "2", "Hai.")
        scene.show(f"{KKT}/tin.p-12.html", "3", "Một.")
        assert scene.slugs() == ["tin", "tin~12"]
        assert scene.versions("tin~12") == ["Hai.", "Một."]

    def test_a_slug_that_looks_like_a_twins_name_takes_none_away(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin~12.p-7.html", "1", "Ba.")
        scene.show(f"{KKT}/tin.p-5.html", "2", "Một.")
        scene.show(f"{KKT}/tin.p-12.html", "3", "Hai.")
        assert len(set(scene.slugs())) == 3
        assert scene.article("tin~12")["native_id"] == "7"

    def test_twins_of_one_number_in_two_id_spaces_have_two_names(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-1.html", "1", "Một.")
        scene.show(f"{KKT}/tin.p-5.html", "2", "Hai.")
        scene.show(f"{OLD}/tin/5", "3", "Ba.")
        assert len(scene.slugs()) == 3
        assert "tin~5" in scene.slugs()


class TestMoves:
    def test_a_permanent_redirect_keeps_one_article_under_the_slug_seen_last(
        self, scene: Scene
    ) -> None:
        scene.show(f"{TV}/a/cu", "1")
        scene.moved(f"{TV}/a/cu", "2", f"{TV}/a/moi")
        scene.show(f"{TV}/a/moi", "2.5", "Hai.")
        assert scene.slugs() == ["moi"]
        assert scene.urls("moi") == [f"{TV}/a/cu", f"{TV}/a/moi"]
        assert scene.versions("moi") == ["Một.", "Hai."]

    def test_the_new_address_may_be_seen_before_the_redirect(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/cu", "1")
        scene.show(f"{TV}/a/moi", "2")
        assert scene.slugs() == ["cu", "moi"]
        assert scene.moved(f"{TV}/a/cu", "3", f"{TV}/a/moi").change == "moved"
        assert scene.slugs() == ["moi"]

    def test_a_chain_of_redirects_leads_to_its_end(self, scene: Scene) -> None:
        scene.show("http://kontumtv.vn/tin-tuc/a/cu", "1")
        scene.moved("http://kontumtv.vn/tin-tuc/a/cu", "2", f"{TV}/a/giua")
        scene.moved(f"{TV}/a/giua", "2.1", f"{TV}/a/moi")
        scene.show(f"{TV}/a/moi", "2.2")
        assert scene.slugs() == ["moi"]
        assert len(scene.urls("moi")) == 3

    def test_a_temporary_redirect_joins_nothing(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/cu", "1")
        scene.moved(f"{TV}/a/cu", "2", f"{TV}/a/moi", False)
        scene.show(f"{TV}/a/moi", "2.5")
        assert scene.slugs() == ["cu", "moi"]

    def test_an_address_that_only_redirects_joins_no_two_articles(self, scene: Scene) -> None:
        scene.moved(f"{TV}/a/noi-bat", "1", f"{TV}/a/mot")
        scene.show(f"{TV}/a/mot", "1.5", "Một.")
        scene.moved(f"{TV}/a/noi-bat", "2", f"{TV}/a/hai")
        scene.show(f"{TV}/a/hai", "2.5", "Hai.")
        assert scene.slugs() == ["hai", "mot"]

    def test_the_same_text_of_a_new_generation_stays_a_row_of_its_own(self, scene: Scene) -> None:
        scene.show(f"{OLD}/-Tin-cu/8487", "1", "Một.")
        scene.show(f"{KKT}/tin-cu.p-1395.html", "2", "Một.")
        assert scene.slugs() == ["-Tin-cu", "tin-cu"]

    def test_redirects_in_a_ring_end(self, scene: Scene) -> None:
        scene.show(f"{TV}/a/mot", "1")
        scene.moved(f"{TV}/a/mot", "2", f"{TV}/a/hai")
        scene.moved(f"{TV}/a/hai", "3", f"{TV}/a/mot")
        scene.moved(f"{TV}/a/ba", "3", f"{TV}/a/ba")
        assert scene.slugs() == ["mot"]


class TestVersions:
    def test_an_edit_adds_one(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        assert scene.show(f"{KKT}/tin.p-5.html", "2", "Hai.").change == "edited"
        assert scene.versions("tin") == ["Một.", "Hai."]
        assert scene.article("tin")["version"] == 2

    def test_a_capture_made_earlier_takes_its_place_in_time(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        scene.show(f"{KKT}/tin.p-5.html", "3", "Ba.")
        scene.show(f"{KKT}/tin.p-5.html", "2", "Hai.")
        assert scene.versions("tin") == ["Một.", "Hai.", "Ba."]
        assert scene.article("tin")["body"] == "Ba."

    def test_blanks_and_normal_form_make_none(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Hòa  bình.\n\nHết.")
        scene.show(f"{KKT}/tin.p-5.html", "2", "Ho\u0300a bình.\nHết.")
        assert scene.article("tin")["version"] == 1

    def test_a_paragraph_that_becomes_the_lead_makes_none(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Mở đầu.\n\nThân.")
        scene.show(f"{KKT}/tin.p-5.html", "2", "Thân.", lead="Mở đầu.")
        assert scene.article("tin")["version"] == 1
        assert scene.article("tin")["lead"] == "Mở đầu."

    def test_a_date_or_tag_updates_the_row_and_makes_none(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1")
        scene.show(f"{KKT}/tin.p-5.html", "2", published_at="2026-01-01", tags=["a"])
        row = scene.article("tin")
        assert (row["version"], row["published_at"], row["tags"]) == (1, "2026-01-01", '["a"]')

    def test_another_byline_makes_one(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", byline="Y Hoa")
        assert scene.show(f"{KKT}/tin.p-5.html", "2", byline="Y Hoa (Văn phòng)").change == "edited"

    def test_an_edit_taken_back_is_a_third_one(self, scene: Scene) -> None:
        for at, text in (("1", "Một."), ("2", "Hai."), ("3", "Một.")):
            scene.show(f"{KKT}/tin.p-5.html", at, text)
        assert scene.versions("tin") == ["Một.", "Hai.", "Một."]

    def test_a_mirror_that_lags_behind_takes_nothing_back(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", "Một.")
        scene.show(f"{KKT}/tin.p-5.html", "2", "Hai.")
        scene.show(f"{MIRROR}/tin.p-5.html", "3", "Một.")
        assert scene.versions("tin") == ["Một.", "Hai."]
        assert scene.article("tin")["body"] == "Hai."
        scene.show(f"{MIRROR}/tin.p-5.html", "4", "Hai.")
        scene.show(f"{MIRROR}/tin.p-5.html", "5", "Một.")
        assert scene.versions("tin") == ["Một.", "Hai.", "Một."]

    def test_of_one_second_the_smaller_id_then_the_smaller_url_goes_first(
        self, scene: Scene
    ) -> None:
        scene.show(f"{KKT}/tin-b.p-5.html", "1", "Hai.")
        scene.show(f"{KKT}/tin-a.p-5.html", "1", "Một.")
        assert scene.versions("tin-b") == ["Một.", "Hai."]

    def test_native_id_and_category_are_those_of_the_newest_capture(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "1", category="Cũ")
        scene.show(f"{KKT}/tin.p-12.html", "3", category="Mới")
        scene.show(f"{KKT}/tin.p-5.html", "2", category="Cũ")
        row = scene.article("tin")
        assert (row["native_id"], row["category"]) == ("12", "Mới")
        assert row["url"] == f"{KKT}/tin.p-12.html"

    def test_times_are_those_of_the_captures(self, scene: Scene) -> None:
        scene.show(f"{KKT}/tin.p-5.html", "2")
        scene.show(f"{KKT}/tin.p-5.html", "5")
        scene.show(f"{KKT}/tin.p-5.html", "1")
        row = scene.article("tin")
        assert (row["first_seen_at"], row["last_seen_at"]) == (
            "2026-01-01T00:00:00Z",
            "2026-01-05T00:00:00Z",
        )
