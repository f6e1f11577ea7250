"""What changed between two texts, word by word."""

import time

from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.store.comparison import READ, Run, lines, side_by_side

WORDS = st.lists(st.sampled_from(["một", "hai", "ba", "\n\n", " "]), max_size=30).map(" ".join)


def test_only_the_changed_words_are_marked() -> None:
    (row,) = side_by_side("Hạn nộp là 18/7 này.", "Hạn nộp là 22/7 này.")
    assert row.old == (Run("same", "Hạn nộp là "), Run("gone", "18"), Run("same", "/7 này."))
    assert row.new == (Run("same", "Hạn nộp là "), Run("new", "22"), Run("same", "/7 này."))


def test_the_command_line_writes_the_same_words() -> None:
    one, other = (
        {**dict.fromkeys(READ), "published_at": None, "body": f"Hạn nộp là {day}/7.\n\nHết{more}"}
        for day, more in (("18", ""), ("22", " hạn."))
    )
    (text,) = lines(one, other, 1, 2, words=True)
    assert text == "Hạn nộp là [-18-]{+22+}/7.\n\nHết{+ hạn.+}"
    assert list(lines(one, one, 1, 1, words=True)) == []


def test_a_new_paragraph_stands_alone() -> None:
    rows = side_by_side("Một.\n\nBa.", "Một.\n\nHai.\n\nBa.")
    assert [(bool(row.old), bool(row.new)) for row in rows] == [
        (True, True),
        (False, True),
        (True, True),
    ]


@given(WORDS, WORDS)
def test_each_side_keeps_all_its_words(old: str, new: str) -> None:
    rows = side_by_side(old, new)
    for side, whole in (("old", old), ("new", new)):
        text = "\n\n".join("".join(run.text for run in getattr(row, side)) for row in rows)
        assert text.split() == whole.split()


def test_texts_too_long_to_compare_are_shown_as_replaced() -> None:
    old = "\n\n".join(" ".join(f"a{n}" for n in range(3000)) for _ in range(5))
    started = time.perf_counter()
    rows = side_by_side(old, old.replace("a1", "b1"))
    assert all(row.changed for row in rows)
    assert time.perf_counter() - started < 20
