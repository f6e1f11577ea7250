"""Near doubles: copies are found whatever their spelling, forms filled in anew are not."""

import random
import sqlite3

import pytest
from bookshelf import add, database

from kontum_crawler.store.search import groups as grouping
from kontum_crawler.store.search import signatures
from kontum_crawler.store.search.finding import search
from kontum_crawler.store.search.groups import regroup

WORDS = ["ủy", "ban", "nhân", "dân", "tỉnh", "tổ", "chức", "hội", "nghị", "kinh", "tế", "rừng"]


def text(seed: int, length: int = 120) -> str:
    pick = random.Random(seed)
    return " ".join(f"{pick.choice(WORDS)}{pick.randrange(40)}" for _ in range(length))


def groups(db: sqlite3.Connection) -> dict[int, set[int]]:
    regroup(db)
    found: dict[int, set[int]] = {}
    for row in db.execute("SELECT group_id, article_id FROM article_groups"):
        found.setdefault(row[0], set()).add(row[1])
    return found


def test_the_same_text_on_two_portals_is_a_group_led_by_the_first_seen() -> None:
    db = database(
        [
            {"id": 1, "title": "* Tin", "body": text(1), "first_seen_at": "2024-03-01T00:00:00Z"},
            {"id": 2, "title": "Tin", "body": text(1), "first_seen_at": "2019-03-01T00:00:00Z"},
            {"id": 3, "title": "Tin khác", "body": text(2)},
        ]
    )
    assert groups(db) == {2: {1, 2}}


def test_tone_placement_and_accents_do_not_part_copies() -> None:
    body = "Hội nghị tòan tỉnh về sức khoẻ cộng đồng và hoà giải ở cơ sở năm nay " * 3
    other = body.replace("tòan", "toàn").replace("khoẻ", "khỏe").replace("hoà", "hòa")
    db = database([{"title": "A", "body": body}, {"title": "A", "body": other}])
    assert groups(db) == {1: {1, 2}}


def test_a_form_filled_in_anew_each_day_is_no_copy() -> None:
    form = "Ngày {} nhiệt độ thấp nhất {} độ cao nhất {} độ mưa {} mm gió cấp {} độ ẩm {} phần trăm"
    bodies = [
        " ".join(form.format(*[d * k for k in range(1, 7)]) for d in (n, n + 31)) for n in (3, 9)
    ]
    db = database([{"title": "Thời tiết", "body": body} for body in bodies])
    assert groups(db) == {}


@pytest.mark.parametrize("share", [0.8, 0.9, 1.0])
def test_every_pair_that_is_similar_enough_is_found(share: float) -> None:
    docs = []
    for seed in range(60):
        words = text(seed, 300).split()
        kept = int(len(words) * share)
        changed = words[:kept] + text(seed + 1_000, 300).split()[kept:]
        docs += [
            {"title": "Một", "body": " ".join(words)},
            {"title": "Một", "body": " ".join(changed)},
        ]
    found = groups(database(docs))
    assert sorted(map(sorted, found.values())) == [[n, n + 1] for n in range(1, 121, 2)]


def test_the_order_of_arrival_does_not_matter() -> None:
    docs = [
        {
            "slug": f"s{n}",
            "title": "T",
            "body": text(n % 4),
            "first_seen_at": f"20{10 + n}-01-01T00:00:00Z",
        }
        for n in range(12)
    ]

    def by_slug(order: list[int]) -> set[frozenset[str]]:
        db = database([docs[n] for n in order])
        names = dict(db.execute("SELECT id, slug FROM articles").fetchall())
        return {
            frozenset(names[i] for i in ids) | {f"leader {names[g]}"}
            for g, ids in groups(db).items()
        }

    order = list(range(12))
    expected = by_slug(order)
    random.Random(5).shuffle(order)
    assert by_slug(order) == expected
    assert len(expected) == 4


def test_search_folds_a_group_into_its_first_hit() -> None:
    db = database([{"title": "Tin", "body": "đường " + text(n // 2)} for n in range(6)])
    regroup(db)
    folded = search(db, "đường", fold=True)
    assert [hit.article["id"] for hit in folded] == [
        hit.article["id"] for hit in search(db, "đường")
    ][::2]
    assert all(len(hit.copies) == 1 for hit in folded)


def copies_of(pick: random.Random, count: int) -> list[str]:
    """Texts in families: some alike, some nearly, some only by their form."""
    found = []
    for _ in range(count):
        words = text(pick.randrange(6), 60).split()
        for _ in range(pick.choice((0, 0, 2, 5, 12))):
            words[pick.randrange(60)] = f"khác{pick.randrange(99)}"
        found.append(" ".join(words))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_looking_at_what_changed_gives_the_groups_of_looking_at_everything(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inserts, edits, earlier captures and deletions, in batches, with small crowds."""
    monkeypatch.setattr(grouping, "CROWD", 3)
    monkeypatch.setattr(grouping, "MANY", 0)  # never everything at once
    pick = random.Random(seed)
    db = database()
    for _ in range(8):
        for body in copies_of(pick, pick.randrange(4, 10)):
            day = f"20{pick.randrange(10, 26)}-01-01T00:00:00Z"
            add(db, {"slug": f"s{pick.random()}", "body": body, "first_seen_at": day})
        known = [row[0] for row in db.execute("SELECT id FROM articles")]
        for id_ in pick.sample(known, min(len(known), 3)):
            done = pick.randrange(3)
            if done == 0:
                db.execute("DELETE FROM articles WHERE id = ?", (id_,))
            elif done == 1:
                change = (copies_of(pick, 1)[0], id_)
                db.execute("UPDATE articles SET body = ? WHERE id = ?", change)
            else:
                db.execute(
                    "UPDATE articles SET first_seen_at = '2009-01-01T00:00:00Z' WHERE id = ?",
                    (id_,),
                )
        regroup(db)
        changed_only = db.execute("SELECT * FROM article_groups ORDER BY 1, 2").fetchall()
        db.execute("DELETE FROM article_groups")
        db.execute("INSERT OR IGNORE INTO group_queue SELECT id FROM articles")
        with monkeypatch.context() as whole:
            whole.setattr(grouping, "MANY", 1_000)
            regroup(db)
        everything = db.execute("SELECT * FROM article_groups ORDER BY 1, 2").fetchall()
        assert [tuple(row) for row in changed_only] == [tuple(row) for row in everything]
    assert db.execute("SELECT count(*) FROM article_groups").fetchone()[0]


def test_lost_triggers_are_noticed_and_everything_is_looked_at() -> None:
    db = database([{"body": text(1)}])
    regroup(db)
    for name in signatures.TRIGGERS:
        db.execute(f"DROP TRIGGER {name}")
    add(db, {"body": text(1)})
    assert regroup(db) == 2
