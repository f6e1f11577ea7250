"""Other spellings of one word: what a query looks for beside what was typed.

The index holds what the pages say; that «hoà» is «hòa», «kĩ» is «kỹ» and «Đăk» is «Đắk» is known
only here. Classes, each with its examples, are listed in docs/search.md.

A variant has a cost: 0 as typed, 1 a spelling in good use, 2 a misplaced tone. Where a phrase has
too many combinations, the dearest go first.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from kontum_crawler.text import TONES, is_syllable, nfc, plain

VOWELS = frozenset("aăâeêioôơuưyĕŏĭŭ")

DAK = ("đắk", "đăk", "dak", "đak", "đâk", "dăk", "dắk", "đák")
"""The river that begins half the names of the highlands; one word wherever it stands."""

NGOK = ("ngọc", "ngọk", "ngok")
PLEI = ("plei", "plây", "pley")

_OPEN_I = re.compile(r"(h|k|l|m|s|t|qu)([iíìỉĩịyýỳỷỹỵ])")
_I_TO_Y = dict(zip("iíìỉĩị", "yýỳỷỹỵ", strict=True))
_Y_TO_I = {y: i for i, y in _I_TO_Y.items()}
MOST_DS = 3
"""Letters d in an abbreviation, each of which may be meant as đ."""

_ABBREVIATION = re.compile(r"u?[bcdđfghjklmnpqrstvwxz]{2,8}")
_SUPERSCRIPTS = str.maketrans("²³₀₁₂₃₄₅₆₇₈₉", "230123456789")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_USUAL_CLUSTERS = frozenset({"oa", "oe", "uy"})

Spelling = tuple[str, int]
"""A spelling and its cost."""


@lru_cache(maxsize=20_000)
def spellings(word: str, accented: bool, prefix: bool = False) -> tuple[Spelling, ...]:
    """Every spelling of one lower-case word, as typed first, then by cost.

    accented: the columns as written are searched; otherwise all results are without accents.
    prefix: the word goes on («hoà*»), so only its tone may move; «ky*» must not find «kiểm».
    """
    found = {word: 0}
    for variant, cost in _variants(word, accented, prefix):
        if prefix and not accented and plain(variant) == "play":
            continue  # «plei*» is no «player»
        written = variant if accented else plain(variant)
        found[written] = min(cost, found.get(written, cost))
    return tuple(sorted(found.items(), key=lambda item: (item[1], item[0] != word, item[0])))


def _variants(word: str, accented: bool, prefix: bool) -> list[Spelling]:
    variants = [(other, 1) for other in _class_of(word, accented)]
    if not prefix:
        variants += [(other, 1) for other in _i_or_y(word)]
        variants += [(other, 1) for other in _superscript(word)]
    if accented:
        bases = [(word, 0), *variants]
        variants += [
            (moved, max(cost, dearness))
            for base, cost in bases
            for moved, dearness in tone_placements(base)
        ]
    return variants


def _class_of(word: str, accented: bool) -> tuple[str, ...]:
    for members in (DAK, NGOK, PLEI):
        # Without accents «plây» is «play»: whoever types «plei» wants it, whoever types «play» not.
        if word in members or (not accented and word in {plain(m) for m in members} - {"play"}):
            return members
    return ()


def _i_or_y(word: str) -> list[str]:
    """«kỹ» for «kĩ» and back: open syllables after h k l m s t and qu, with the same tone."""
    variants = []
    for moved, _ in ((word, 0), *tone_placements(word)):
        if match := _OPEN_I.fullmatch(moved):
            variants.append(match[1] + (_I_TO_Y | _Y_TO_I)[match[2]])
    return variants


def _superscript(word: str) -> list[str]:
    """«m²» for «m2», «CO₂» for «CO2», and back."""
    if (flat := word.translate(_SUPERSCRIPTS)) != word:
        return [flat]
    variants = []
    if re.fullmatch(r"[a-z]{1,2}[23]", word):
        variants.append(word[:-1] + ("²" if word[-1] == "2" else "³"))
    if re.fullmatch(r"[a-z]{1,2}[2-9][a-z]{0,2}[2-9]?", word):
        variants.append(word.translate(_SUBSCRIPTS))
    return variants


@lru_cache(maxsize=20_000)
def tone_placements(word: str) -> tuple[Spelling, ...]:
    """The same syllable with its tone on another vowel: «hoà» and «hòa», «gìa» for «già».

    A syllable has one tone, so no two words differ only in the vowel that carries it; words with
    two tones are names run together and stay.
    """
    letters = unicodedata.normalize("NFD", word)
    tones = [letter for letter in letters if letter in TONES]
    if len(tones) != 1:
        return ()
    toned = len(nfc(letters[: letters.index(tones[0])])) - 1
    bare = nfc(letters.replace(tones[0], ""))
    start, end = _vowels_around(bare, toned)
    dearness = 1 if bare[start:end] in _USUAL_CLUSTERS else 2
    return tuple(
        (nfc(bare[: place + 1] + tones[0] + bare[place + 1 :]), dearness)
        for place in range(start, end)
        if place != toned
    )


def _vowels_around(word: str, place: int) -> tuple[int, int]:
    start, end = place, place + 1
    while start and word[start - 1] in VOWELS:
        start -= 1
    while end < len(word) and word[end] in VOWELS:
        end += 1
    return start, end


def abbreviations(word: str, accented: bool) -> tuple[Spelling, ...]:
    """«qđ» and «qd», inside a phrase; nothing for what can be pronounced, as «tu».

    Numbers of documents are typed with the keyboard in another mode, and kept in names of files.
    """
    if not _ABBREVIATION.fullmatch(word) or is_syllable(word):
        return ()
    if not accented or not 0 < len(re.findall("[dđ]", word)) <= MOST_DS:
        return ((word, 0),)
    choices = [("d", "đ") if letter in "dđ" else (letter,) for letter in word]
    found = ("".join(letters) for letters in product(*choices))
    return tuple((other, int(other != word)) for other in found)


def numbers(word: str) -> tuple[Spelling, ...]:
    """«5» and «05» inside a phrase: a number of one digit equals its form with a zero in front."""
    if re.fullmatch(r"0?[0-9]", word):
        digit = word[-1]
        return tuple(sorted(((digit, int(word != digit)), ("0" + digit, int(word == digit)))))
    return ((word, 0),)


def document_numbers(word: str) -> tuple[Spelling, ...]:
    """«45», «045» and «0045» in front of a code: zeros in front of a number say nothing."""
    bare = word.lstrip("0") or "0"
    forms = (word, bare, *("0" * more + bare for more in (1, 2) if len(bare) + more <= 4))
    return tuple((form, int(form != word)) for form in dict.fromkeys(forms))


def joinings(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every way to write some of the words together: «tu mơ rông», «tu mơrông», «tumơrông»…

    As they stand first, all in one second.
    """
    found = []
    for cuts in product((True, False), repeat=len(words) - 1):
        pieces = [words[0]]
        for cut, word in zip(cuts, words[1:], strict=True):
            if cut:
                pieces.append(word)
            else:
                pieces[-1] += word
        found.append(tuple(pieces))
    return [found[0], *reversed(found[1:])]
