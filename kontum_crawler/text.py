"""Vietnamese text: one spelling of each letter, without accents where wanted, and slugs.

`clean` is what the store does to every text; `plain` is the form that is searched without accents.
The table of pairs is shared with the search index, so that a plain word of a query is the very
string that SQLite computed. Repairs of legacy encodings are in `extract/encoding.py`.
"""

import re
import unicodedata
from functools import lru_cache

VOWELS = "aăâeêioôơuưy"
TONES = "\u0300\u0301\u0303\u0309\u0323"
"""Huyền, sắc, ngã, hỏi, nặng as combining characters."""


def _pairs() -> tuple[tuple[str, str], ...]:
    """Each letter of Vietnamese and of highland names that is not ASCII, with its base letter."""
    lower = [letter for letter in VOWELS if not letter.isascii()]
    lower += [
        unicodedata.normalize("NFC", vowel + tone)
        for vowel in VOWELS
        for tone in TONES  # ỳ ý ỹ ỷ ỵ too
    ]
    lower += list("đĕŏĭŭčñ")
    bases = [unicodedata.normalize("NFD", letter)[0].replace("đ", "d") for letter in lower]
    small = list(zip(lower, bases, strict=True))
    return tuple(small + [(letter.upper(), base.upper()) for letter, base in small])


FOLD_PAIRS = _pairs()
"""146 pairs (letter, ASCII letter), each one character to one. A change needs a new index."""

_PLAIN = str.maketrans(dict(FOLD_PAIRS))
_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ"})
_LINE_ENDS = re.compile("\r\n?|[\v\f]")
_NO_BREAKS = re.compile("[\u00a0\u2007\u202f]")
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+"
)
_HALVES = re.compile("[\ud800-\udfff]")
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u2007"
    "\u200b-\u200f\u202a-\u202f\u2060-\u206f\ufeff\ud800-\udfffÐðƉɖ]"
)
"""All that `clean` changes, order of accents aside."""
MOST_MARKS = 30
_HARMLESS = 1_000
_HIGH_RUN = re.compile("[\u0300-\U0010ffff]{64,}")
_BLANKS = re.compile(r"\s+")


def nfc(s: str) -> str:
    """The text in normal form C: each letter with its accents is one character where it can be.

    Of a pile of marks on one letter the first thirty stay, see `unpiled`.
    """
    return unicodedata.normalize("NFC", unpiled(s))


def unpiled(s: str) -> str:
    """The text with at most thirty combining marks on a letter.

    More are no writing, and to sort them takes time that grows with their square. Source: Unicode
    Standard Annex 15, stream-safe text format.
    """
    return _HIGH_RUN.sub(_unpiled, s) if len(s) > _HARMLESS else s


def _unpiled(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def clean(s: str) -> str:
    """Write a text as the store keeps it; tone placement, quotes and case stay as displayed.

    NFC; Ð and Ɖ become Đ; soft hyphens, zero-width and direction marks and control characters are
    gone, but for newline and tab (other line ends become newlines); no-break blanks become blanks;
    half of a surrogate pair becomes U+FFFD, since no file can hold it.
    """
    if _ODD.search(s) is None:
        # Nearly every text, and five times faster.
        return nfc(s)
    s = _DROPPED.sub("", _NO_BREAKS.sub(" ", _LINE_ENDS.sub("\n", s)))
    s = nfc(_HALVES.sub("\ufffd", s))
    return s.translate(_LOOK_ALIKES) if "Ð" in s or "ð" in s or "Ɖ" in s or "ɖ" in s else s


def fold_blanks(s: str) -> str:
    """Every run of blanks, newlines too, as one blank; none at the ends."""
    return _BLANKS.sub(" ", s).strip()


def plain(s: str) -> str:
    """Take accents off and write đ as d; case stays.

    As many characters as `clean(s)`, so positions found in one are positions in the other.
    """
    return clean(s).translate(_PLAIN)


def slugify(title: str) -> str:
    """The slug that the KKT portal makes of a title.

    Lower case without accents, words joined by single hyphens, curly quotes “ ” kept, other
    punctuation dropped without a trace (`24/7` gives `247`). Empty where no letter or digit is.
    """
    bare = unicodedata.normalize("NFD", plain(title).lower())
    words = re.split(r"[\s\-‐-―_]+", bare)
    kept = ("".join(c for c in word if c.isalnum() or c in "“”") for word in words)
    slug = nfc("-".join(word for word in kept if word))
    return slug if any(c.isalnum() for c in slug) else ""


_ONSET = "(?:ngh|ng|nh|n|ch|c|gh|gi|g|kh|k|th|tr|t|ph|p|qu|b|d|đ|h|l|m|r|s|v|x)?"
_OPEN = (
    "uya|uyu|uêu|uây|uôi|ươi|ươu|iêu|yêu|oai|oay|oao|oeo"
    "|ia|ua|ưa|oa|oe|uê|uy|uơ|ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|a|e|ê|i|o|ô|ơ|u|ư|y"
)
_CLOSED = "uyê|iê|yê|uô|ươ|oa|oă|oe|oo|uâ|uê|uy|a|ă|â|e|ê|i|o|ô|ơ|u|ư|y"
_SYLLABLE = re.compile(f"{_ONSET}(?:(?:{_OPEN})|(?:{_CLOSED})(?:(?P<stop>ch|c|p|t)|ng|nh|m|n))")
_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """True for a word that is one well-formed Vietnamese syllable, accents and tone included.

    A syllable that ends in c, ch, p or t has the tone sắc or nặng. Bare ASCII syllables (`ban`,
    `tham`) count, names of other languages (`Kon`, `Drai`) mostly do too or do not: chance.
    """
    bare = unicodedata.normalize("NFD", word.lower())
    tones = [c for c in bare if c in TONES]
    if len(tones) > 1:
        return False
    for tone in tones:
        bare = bare.replace(tone, "")
    match = _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare))
    return bool(match and (not match["stop"] or (tones and tones[0] in "\u0301\u0323")))


def is_vietnamese(s: str) -> bool:
    """True where at least a quarter of the words are Vietnamese syllables with accents or đ."""
    words = _WORD.findall(clean(s[:20_000]))
    accented = sum(1 for word in words if not word.isascii() and is_syllable(word))
    return accented > 0 and accented * 4 >= len(words)
