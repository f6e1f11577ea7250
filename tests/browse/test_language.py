"""The reader's language on each page, and dates as that reader writes them."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import lxml.html
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
        (None, None, "fr,en;q=0", "vi"),
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
    built = ("flag_", "outcome_", "stat_", "origin_", "file_")
    assert all(f'f"{start}{{' in source for start in built)
    unused = [
        name
        for name in words("vi")
        if name not in used and f'"{name}"' not in source and not name.startswith(built)
    ]
    assert unused == []


def test_each_figure_of_a_run_has_words(archive: Path) -> None:
    db = sqlite3.connect(archive / "kontum.db")
    stats = [json.loads(row[0]) for row in db.execute("SELECT stats FROM runs")]
    db.close()
    figures = {name for run in stats for name, value in run.items() if not isinstance(value, list)}
    assert {f"stat_{name}" for name in figures} - words("vi").keys() == set()


REFUSED = (
    "/a/kkt/khong-co", "/portal/khong-co", "/coverage/khong-co", "/author/khong%20ai",
    "/capture/99999999", "/runs/99999", "/day/2024-13-01", "/month/2024-13", "/calendar/0000",
    "/search?since=2024-13-01", "/search?q=kon&since=2024-05-09&until=2024-01-01",
    "/search?q=kon&portal=khong-co", "/search?portal=khong-co", "/export.csv?q=-kon",
    "/export.csv?q=%22%22", "/capture/1/go?url=http://a.vn/", "/capture/1/with?url=x",
)  # fmt: skip
NOTED = {
    "/search?q=-kon": "note_only_not",
    "/search?q=%22%22": "note_no_word",
    f"/search?q={quote('tổnhân')}+kìnhtế": None,
    f"/search?q={quote(' '.join(f'từ{n}' for n in range(300)))}": "note_cut",
}


def sayings(answer: Any) -> Iterator[str]:
    """Each text that a reader of a page sees or hears, but for BibTeX and the
    switch to the other language."""
    if answer.headers["content-type"].startswith("application/json"):
        yield answer.json()["error"]
        return
    tree = lxml.html.document_fromstring(answer.text)
    for switch in tree.xpath("//a[@hreflang] | //pre[@class='cite']"):
        switch.drop_tree()
    yield from tree.xpath("//body//text()[not(parent::script)] | //title/text()")
    yield from tree.xpath("//@aria-label | //@title | //@placeholder | //@alt")


def strange(answer: Any, language: str, most_words: int) -> list[str]:
    """What a page says in the other language: whole texts, and the parts of longer sentences."""
    other = "en" if language == "vi" else "vi"
    own = set(words(language).values())
    whole = {text for text in words(other).values() if text not in own}
    pieces = (part.strip(" .,:;()»«") for text in whole for part in re.split(r"\{\w+\}", text))
    parts = {part for part in pieces if len(part.split()) > most_words}
    said = [" ".join(text.split()) for text in sayings(answer)]
    if language == "en":  # Articles are Vietnamese, and may well say «Mới đăng».
        return sorted(part for part in parts if any(part in text for text in said))
    found = whole & set(said)
    return sorted(found | {part for part in parts if any(part in text for text in said)})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_speaks_the_other_language(get_page: Any, paths: list[str], language: str) -> None:
    found = {}
    for path in (*paths, *REFUSED, *NOTED):
        answer = get_page(path, headers={"accept-language": language})
        if "json" not in answer.headers["content-type"]:
            assert f'<html lang="{language}">' in answer.text, path
        if texts := strange(answer, language, 1 if language == "vi" else 4):
            found[path] = texts
    assert found == {}


def test_what_lower_rooms_say_is_known(get_page: Any) -> None:
    """No refusal and no note falls back to the English words that it was raised with."""
    shell = words("vi")["technical"].partition("{")[0].strip()
    for path in REFUSED:
        answer = get_page(path)
        assert answer.status_code in (400, 404), path
        assert shell not in answer.text, path
        assert not re.search(r"no portal|is not a day|The query|in this archive", answer.text), path
    for path, name in NOTED.items():
        if name:
            begin = words("vi")[name].partition("{")[0]
            assert begin in get_page(path).text, path


def test_templates_hold_no_words_of_their_own() -> None:
    folder = Path(kontum_crawler.browse.__file__).parent / "templates"
    names = {"JSON", "CSV", "Atom", "BibTeX", "URL", "JSON lines", "CSL", "B"}
    for path in folder.rglob("*.html"):
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"<[^>]*>", "\n", text)
        said = {line.strip(" ·:,.×()←→?\t") for line in text.splitlines()}
        assert {line for line in said if re.search("[^\\W\\d_]", line)} <= names, path
