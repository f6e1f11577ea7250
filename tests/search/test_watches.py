"""Saved searches: what became known since the last look, once, in a feed that readers trust."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scene import Scene

from kontum_crawler.cli import main
from kontum_crawler.errors import UsageError
from kontum_crawler.reports.watches import news_of_watches
from kontum_crawler.store import Archive
from kontum_crawler.store.intake.ending import conclude
from kontum_crawler.store.lock import WriteLock
from kontum_crawler.store.search import feeds, watches
from kontum_crawler.store.search.filters import Filters

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(Archive.open(tmp_path, create=True))


def url(number: int) -> str:
    return f"http://bqlkkt.kontum.gov.vn/tin-tuc/duong-{number}.p-{number}.html"


def watch(scene: Scene, name: str, query: str, **filters: object) -> None:
    """A watch that was last looked at before anything was captured."""
    watches.add(scene.archive, name, query, Filters(**filters))  # type: ignore[arg-type]
    scene.archive.db.execute("UPDATE watches SET looked_at = '2025-12-31T00:00:00Z'")


def run(scene: Scene) -> list[tuple[str, list[tuple[str, str]]]]:
    """End a run; what it brought, change and title, by watch."""
    begun = scene.archive.begin_run("crawl")
    conclude(scene.archive, begun.id)
    scene.archive.end_run(begun, "done")
    return [
        (news.name, [(entry["change"], entry["title"]) for entry in news.entries])
        for news in news_of_watches(scene.archive, begun.id)
    ]


def test_what_is_new_edited_and_gone_is_told_once(scene: Scene) -> None:
    watch(scene, "duong", "đường")
    scene.show(url(1), "01", "Con đường một.", title="Đường")
    scene.show(url(2), "01", "Cây cầu.", title="Cầu")
    assert run(scene) == [("duong", [("new", "Đường")])]
    assert run(scene) == []
    scene.archive.db.execute("UPDATE watches SET looked_at = '2026-01-01T12:00:00Z'")
    scene.show(url(1), "02", "Con đường hai.", title="Đường")
    scene.show(url(2), "02", "Cây cầu, con đường.", title="Cầu")
    assert sorted(run(scene)[0][1]) == [("edited", "Cầu"), ("edited", "Đường")]
    scene.archive.db.execute("UPDATE watches SET looked_at = '2026-01-02T12:00:00Z'")
    scene.gone(url(1), "03")
    assert run(scene) == [("duong", [("gone", "Đường")])]


def test_an_old_look_repeated_tells_nothing_twice(scene: Scene) -> None:
    watch(scene, "duong", "đường")
    scene.show(url(1), "01", "Con đường một.")
    assert run(scene)
    scene.archive.db.execute("UPDATE watches SET looked_at = '2025-12-31T00:00:00Z'")
    assert run(scene) == []


def test_filters_of_a_watch_count_and_accents_are_meant(scene: Scene) -> None:
    watch(scene, "theirs", "duong", portal=(), author="Lê Hòa")
    watch(scene, "accented", "đường")
    watch(scene, "other", "dương")
    scene.show(url(1), "01", "Con đường.", authors=["Lê Hoà"])
    scene.show(url(2), "01", "Con đường hai.", authors=["A Vượng"])
    assert {name: len(told) for name, told in run(scene)} == {"theirs": 1, "accented": 2}


def test_the_feed_is_xml_with_the_text_as_text(scene: Scene) -> None:
    hostile = "Đường </title><script>alert(1)</script> & ]]>"
    watch(scene, "duong", "duong")
    scene.show(url(1), "01", "Con đường <b>một</b>.", title=hostile)
    run(scene)
    path = scene.archive.folder / "watches" / "duong.atom"
    raw = path.read_bytes()
    assert b"<script" not in raw
    root = ElementTree.fromstring(raw)
    assert root.findtext("a:entry/a:title", "", ATOM) == hostile
    assert "<b>một</b>" in root.findtext("a:entry/a:summary", "", ATOM)
    assert root.find("a:entry/a:link", ATOM).get("href") == url(1)  # type: ignore[union-attr]
    for place in ("a:id", "a:updated", "a:title", "a:entry/a:id", "a:entry/a:updated"):
        assert root.findtext(place, "", ATOM)


def test_ids_of_a_feed_stay_and_a_file_without_news_keeps_its_bytes(scene: Scene) -> None:
    watch(scene, "duong", "đường")
    scene.show(url(1), "01", "Con đường một.")
    run(scene)
    path = scene.archive.folder / "watches" / "duong.atom"
    before = path.read_bytes()
    run(scene)
    assert path.read_bytes() == before
    ids = {element.text for element in ElementTree.fromstring(before).iterfind(".//a:id", ATOM)}
    scene.archive.db.execute("UPDATE watches SET looked_at = '2026-01-01T12:00:00Z'")
    scene.show(url(2), "05", "Con đường hai.")
    run(scene)
    later = ElementTree.fromstring(path.read_bytes())
    assert ids < {element.text for element in later.iterfind(".//a:id", ATOM)}


def test_a_withdrawn_article_leaves_the_feed(scene: Scene) -> None:
    watch(scene, "duong", "đường")
    scene.show(url(1), "01", "Con đường một.")
    run(scene)
    slug = scene.archive.db.execute("SELECT slug FROM articles").fetchone()[0]
    scene.archive.withdraw(slug, "asked")
    feeds.write_feeds(scene.archive)
    path = scene.archive.folder / "watches" / "duong.atom"
    assert ElementTree.fromstring(path.read_bytes()).find("a:entry", ATOM) is None


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "a/b", "a b", "x" * 61, "a\n", "-a"])
def test_a_name_that_is_no_file_name_is_refused(scene: Scene, name: str) -> None:
    with pytest.raises(UsageError):
        watches.add(scene.archive, name, "đường")


def test_a_name_is_taken_once_whatever_its_case(scene: Scene) -> None:
    watches.add(scene.archive, "Sâm", "sâm")
    with pytest.raises(UsageError, match="already"):
        watches.add(scene.archive, "sÂM", "khác")
    with pytest.raises(UsageError, match="must not occur"):
        watches.add(scene.archive, "none", "-a")
    watches.remove(scene.archive, "SÂM")
    assert watches.every(scene.archive.db) == []
    with pytest.raises(UsageError, match="none yet"):
        watches.remove(scene.archive, "Sâm")


def kontum(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    return int(leaving.value.code or 0), capsys.readouterr().out


def test_the_commands_keep_show_and_forget(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ("--archive", str(scene.archive.folder))
    assert kontum(capsys, "watch", "add", "roads", "duong", "--until", "2030", *common) == (0, "")
    assert (scene.archive.folder / "watches" / "roads.atom").is_file()
    scene.archive.db.execute("UPDATE watches SET looked_at = '2025-12-31T00:00:00Z'")
    scene.show(url(1), "01", "Con đường một.", title="Đường")
    run(scene)
    kept = json.loads(kontum(capsys, "watch", "list", "--json", *common)[1])
    assert [(row["name"], row["filters"], row["entries"]) for row in kept] == [
        ("roads", {"until": "2030-12-31"}, 1)
    ]
    shown = json.loads(kontum(capsys, "watch", "show", "roads", "--format", "json", *common)[1])
    assert [(row["change"], row["title"]) for row in shown] == [("new", "Đường")]
    assert kontum(capsys, "watch", "remove", "roads", *common)[0] == 0
    assert list((scene.archive.folder / "watches").iterdir()) == []
    assert kontum(capsys, "watch", "show", "roads", *common)[0] == 2
    assert kontum(capsys, "watch", "add", "x", "a", "--portal", "nosuch", *common)[0] == 2


def test_a_watch_is_added_while_another_command_holds_the_lock(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(scene.archive.folder)
    with WriteLock(scene.archive.folder, "crawl"):
        assert kontum(capsys, "watch", "add", "roads", "duong", "--archive", folder)[0] == 0
