"""The reader's language, and dates as that reader writes them."""

import re
from pathlib import Path

import pytest

import kontum_crawler.browse
from kontum_crawler.browse.language import LANGUAGES, choose, words, written_date, written_number


@pytest.mark.parametrize(
    ("asked", "cookie", "accepted", "language"),
    [
        (None, None, None, "vi"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "fr,en;q=0.4,vi;q=0.8", "vi"),
        (None, None, "de-DE,de;q=0.9", "vi"),
        (None, "en", "vi", "en"),
        ("vi", "en", "en", "vi"),
        ("xx", "yy", "en;q=zz,,;;", "vi"),
    ],
)
def test_what_was_asked_counts_before_the_cookie_and_the_browser(
    asked: str | None, cookie: str | None, accepted: str | None, language: str
) -> None:
    assert choose(asked, cookie, accepted) == language


@pytest.mark.parametrize(
    ("moment", "language", "written"),
    [
        ("2024-05-09T08:30:00+07:00", "vi", "Thứ năm, 09/05/2024 08:30"),
        ("2024-05-09T08:30:00+07:00", "en", "Thursday, 9 May 2024, 08:30"),
        ("2024-05-09", "vi", "Thứ năm, 09/05/2024"),
        ("2026-01-31T02:03:04Z", "vi", "Thứ bảy, 31/01/2026 02:03 UTC"),
        ("not a date", "vi", "not a date"),
        (None, "en", ""),
    ],
)
def test_a_date_is_written_for_its_readers(moment: str | None, language: str, written: str) -> None:
    assert written_date(moment, language) == written


def test_every_sentence_has_both_languages() -> None:
    assert words("vi").keys() == words("en").keys()
    assert [name for lang in LANGUAGES for name, text in words(lang).items() if not text] == []


def test_thousands_are_marked_as_the_language_does() -> None:
    assert (written_number(1234567, "vi"), written_number(1234567, "en")) == (
        "1.234.567",
        "1,234,567",
    )


def test_each_sentence_that_a_page_uses_is_there_and_each_one_there_is_used() -> None:
    folder = Path(kontum_crawler.browse.__file__).parent
    source = "".join(
        path.read_text("utf-8") for path in (*folder.glob("*.py"), *folder.rglob("*.html"))
    )
    used = set(re.findall(r"\bw\.([a-z_]+)", source)) - {"values"}
    assert used - words("vi").keys() == set()
    unused = [
        name
        for name in words("vi")
        if name not in used and not re.search(rf'"{name}"|flag_{{name}}', source)
    ]
    assert unused == []
