"""When an article counts as gone, and what proves nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from scene import Scene, moment, opened

KKT = "http://kkt.kontum.gov.vn"
MIRROR = "https://kkt-kontum.com"
NUKE = "https://www.tuyengiaokontum.org.vn"
TIN = f"{KKT}/tin.p-5.html"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with opened(tmp_path / "archive") as archive:
        yield Scene(archive)


def gone_at(scene: Scene, slug: str = "tin") -> str | None:
    value: str | None = scene.article(slug)["gone_at"]
    return value


def test_a_404_is_proof_at_once(scene: Scene) -> None:
    scene.show(TIN, "1")
    assert scene.gone(TIN, "2").change == "gone"
    assert gone_at(scene) == moment("2")
    assert scene.gone(TIN, "3").change is None
    assert gone_at(scene) == moment("2")


def test_the_row_stays_with_its_text(scene: Scene) -> None:
    scene.show(TIN, "1", "Một.")
    scene.gone(TIN, "2")
    assert scene.article("tin")["body"] == "Một."
    assert scene.article("tin")["last_seen_at"] == moment("1")


def test_every_own_url_must_be_away(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.show(f"{MIRROR}/tin.p-5.html", "1")
    scene.gone(TIN, "2")
    assert gone_at(scene) is None
    scene.gone(f"{MIRROR}/tin.p-5.html", "3")
    assert gone_at(scene) == moment("3")


def test_http_and_https_of_an_address_are_one_url(scene: Scene) -> None:
    scene.show("http://kontumtv.vn/tin-tuc/a/tin", "1")
    scene.show("https://kontumtv.vn/tin-tuc/a/tin", "2")
    scene.gone("http://kontumtv.vn/tin-tuc/a/tin", "3")
    assert gone_at(scene) == moment("3")


def test_one_soft_answer_proves_nothing(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.soft(TIN, "2", "run 2")
    assert gone_at(scene) is None


def test_two_soft_answers_of_one_run_prove_nothing(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.soft(TIN, "2", "run 2")
    scene.soft(TIN, "2.5", "run 2")
    assert gone_at(scene) is None


def test_two_soft_answers_of_two_runs_do_and_the_second_says_when(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.soft(TIN, "2", "run 2")
    assert scene.soft(TIN, "3", "run 3").change == "gone"
    assert gone_at(scene) == moment("3")


def test_a_good_answer_between_breaks_the_proof(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.soft(TIN, "2", "run 2")
    scene.show(TIN, "3")
    scene.soft(TIN, "4", "run 4")
    assert gone_at(scene) is None


def test_coming_back_clears_it_and_counts_as_unchanged_or_edited(scene: Scene) -> None:
    scene.show(TIN, "1", "Một.")
    scene.gone(TIN, "2")
    assert scene.show(TIN, "3", "Một.").change == "unchanged"
    assert gone_at(scene) is None
    scene.gone(TIN, "4")
    assert scene.show(TIN, "5", "Hai.").change == "edited"
    assert gone_at(scene) is None


def test_a_print_copy_neither_keeps_it_nor_proves_anything(scene: Scene) -> None:
    scene.show(f"{NUKE}/a/tin-5.html", "1")
    scene.show(f"{NUKE}/savefile/a/tin-5.html", "1")
    scene.gone(f"{NUKE}/savefile/a/tin-5.html", "2")
    assert gone_at(scene) is None
    scene.show(f"{NUKE}/savefile/a/tin-5.html", "3")
    scene.gone(f"{NUKE}/a/tin-5.html", "4")
    assert gone_at(scene) == moment("4")


def test_an_address_that_only_redirected_does_not_count(scene: Scene) -> None:
    scene.moved(f"{KKT}/cu.p-4.html", "1", TIN)
    scene.show(TIN, "1.5")
    scene.gone(TIN, "2")
    assert gone_at(scene) == moment("2")
    scene.gone(f"{KKT}/cu.p-4.html", "3")
    assert gone_at(scene) == moment("2")


def test_an_own_url_that_redirects_to_another_counts_as_that_one(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.moved(TIN, "2", f"{KKT}/moi.p-6.html")
    scene.show(f"{KKT}/moi.p-6.html", "2.5")
    assert gone_at(scene, "moi") is None
    scene.gone(f"{KKT}/moi.p-6.html", "3")
    assert gone_at(scene, "moi") == moment("3")


def test_a_mirror_that_redirects_to_the_canonical_host_counts_as_that(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.show(f"{MIRROR}/tin.p-5.html", "1")
    scene.moved(f"{MIRROR}/tin.p-5.html", "2", TIN, False)
    scene.gone(TIN, "3")
    assert gone_at(scene) == moment("3")


def test_a_redirect_to_a_page_nobody_saw_proves_nothing(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.moved(TIN, "2", f"{KKT}/moi.p-6.html")
    scene.moved(TIN, "3", f"{KKT}/moi.p-6.html", run="another")
    assert gone_at(scene) is None


def test_a_redirect_to_another_article_for_a_while_proves_nothing(scene: Scene) -> None:
    scene.show(TIN, "1", "Một.")
    scene.show(f"{KKT}/khac.p-6.html", "1", "Hai.")
    scene.moved(TIN, "2", f"{KKT}/khac.p-6.html", False)
    scene.gone(f"{KKT}/khac.p-6.html", "3")
    assert gone_at(scene) is None
    assert gone_at(scene, "khac") == moment("3")


def test_answers_that_say_nothing_say_nothing(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.record(TIN, "2", None, status=503)
    scene.record(TIN, "3", None, status=500)
    assert gone_at(scene) is None


def test_an_absence_known_before_the_article_was_seen_is_past(scene: Scene) -> None:
    scene.show(TIN, "3")
    scene.gone(TIN, "1")
    assert gone_at(scene) is None


def test_a_late_capture_after_the_proof_shows_that_it_was_there(scene: Scene) -> None:
    scene.show(TIN, "1")
    scene.gone(TIN, "2")
    scene.show(TIN, "4")
    scene.gone(TIN, "5")
    assert gone_at(scene) == moment("5")
    scene.gone(TIN, "4.5")
    assert gone_at(scene) == moment("4.5")
