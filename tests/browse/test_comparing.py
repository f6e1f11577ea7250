"""What changed between two texts, word by word."""

import time

from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.browse.comparing import Run, side_by_side

WORDS = st.lists(st.sampled_from(["một", "hai", "ba", "\n\n", " "]), max_size=30).map(" ".join)


def test_only_the_changed_words_are_marked() -> None:
    (row,) = side_by_side("Hạn nộp là 18/7 này.", "Hạn nộp là 22/7 này.")
    assert row.old == (Run("same", "Hạn nộp là"), Run("gone", " 18/7"), Run("same", " này."))
    assert row.new == (Run("same", "Hạn nộp là"), Run("new", " 22/7"), Run("same", " này."))


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
        text = " ".join(run.text for row in rows for run in getattr(row, side))
        assert text.split() == whole.split()


def test_texts_too_long_to_compare_are_shown_as_replaced() -> None:
    old = "\n\n".join(" ".join(f"a{n}" for n in range(3000)) for _ in range(5))
    started = time.perf_counter()
    rows = side_by_side(old, old.replace("a1", "b1"))
    assert all(row.changed for row in rows)
    assert time.perf_counter() - started < 20
