"""Vietnamese text: properties that hold for any input, and the words that portals use."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler import text

ANY_TEXT = st.text(st.characters(codec=None, categories=None), max_size=200)
VIETNAMESE = st.text(
    st.sampled_from([letter for letter, _ in text.FOLD_PAIRS] + list("abcdek nhtg-,.“”/ 0123")),
    max_size=60,
)


def test_there_are_146_pairs_of_one_character_each() -> None:
    letters = [letter for letter, _ in text.FOLD_PAIRS]
    assert len(letters) == len(set(letters)) == 146
    assert all(len(letter) == len(base) == 1 and base.isascii() for letter, base in text.FOLD_PAIRS)


@given(ANY_TEXT)
def test_clean_twice_is_clean_once(any_text: str) -> None:
    once = text.clean(any_text)
    assert text.clean(once) == once


@given(ANY_TEXT)
def test_clean_text_is_nfc_without_controls_and_can_be_written(any_text: str) -> None:
    once = text.clean(any_text)
    assert unicodedata.is_normalized("NFC", once)
    assert not [c for c in once if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    once.encode("utf-8")


@given(ANY_TEXT)
def test_plain_keeps_the_number_of_characters(any_text: str) -> None:
    assert len(text.plain(any_text)) == len(text.clean(any_text))


@given(ANY_TEXT)
def test_plain_twice_is_plain_once(any_text: str) -> None:
    once = text.plain(any_text)
    assert text.plain(once) == once


@given(VIETNAMESE)
def test_normal_form_makes_no_difference(words: str) -> None:
    decomposed = unicodedata.normalize("NFD", words)
    assert text.clean(decomposed) == text.clean(words)
    assert text.plain(decomposed) == text.plain(words)
    assert text.slugify(decomposed) == text.slugify(words)


@given(VIETNAMESE)
def test_plain_vietnamese_is_ascii_but_for_quotes(words: str) -> None:
    assert text.plain(words).replace("“", "").replace("”", "").isascii()


@given(ANY_TEXT)
def test_a_slug_of_a_slug_is_that_slug(any_text: str) -> None:
    slug = text.slugify(any_text)
    assert text.slugify(slug) == slug
    assert not slug.startswith("-")
    assert "--" not in slug


@given(ANY_TEXT)
def test_blanks_are_folded_once_and_for_all(any_text: str) -> None:
    folded = text.fold_blanks(any_text)
    assert text.fold_blanks(folded) == folded == folded.strip()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Ðường Ɖắk ðồng ɖi", "Đường Đắk đồng đi"),
        ("soft\u00adhyphen zero\u200bwidth\ufeff", "softhyphen zerowidth"),
        ("a\u00a0b\u202fc", "a b c"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("nul\x00bell\x07", "nulbell"),
        ("a\u200b\u0301", "á"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("Uỷ ban, Ủy ban “hoà” m²", "Uỷ ban, Ủy ban “hoà” m²"),
    ],
)
def test_clean_writes_what_the_store_keeps(raw: str, expected: str) -> None:
    assert text.clean(raw) == expected


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        (
            "CỬA KHẨU: Kiểm tra đường dọc biên giới Lào - Việt Nam từ mốc 790 đến mốc 761",
            "cua-khau-kiem-tra-duong-doc-bien-gioi-lao-viet-nam-tu-moc-790-den-moc-761",
        ),
        ("hưởng ứng “Tháng hành động”  năm 2024", "huong-ung-“thang-hanh-dong”-nam-2024"),
        ("Rơ Chăm Long, Hơ Jan – Plei Kần!", "ro-cham-long-ho-jan-plei-kan"),
        ("…", ""),
        ("“”", ""),
    ],
)
def test_slugs_are_those_of_the_kkt_portal(title: str, slug: str) -> None:
    assert text.slugify(title) == slug


@pytest.mark.parametrize(
    "word", ["nghiêng", "quyết", "gìn", "quý", "Uỷ", "Ủy", "khuỷu", "thuở", "ban", "Việt", "yêu"]
)
def test_vietnamese_syllables_are_known(word: str) -> None:
    assert text.is_syllable(word)


@pytest.mark.parametrize("word", ["được~", "thêt", "string", "Krưk", "hoặcx", "măc", "ngiê", "élu"])
def test_other_words_are_no_syllables(word: str) -> None:
    assert not text.is_syllable(word)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("Ủy ban nhân dân tỉnh Kon Tum", True),
        ("Văn phòng", True),
        ("Le conseil municipal a été élu là-bas à Paris", False),
        ("The provincial committee of Kon Tum", False),
        ("Împreună să facă ceva pentru țară", False),
        ("", False),
    ],
)
def test_vietnamese_is_told_from_other_languages(words: str, answer: bool) -> None:
    assert text.is_vietnamese(words) is answer
