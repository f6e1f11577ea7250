"""What somebody meant who typed Vietnamese with the keyboard method switched off.

«dduwowngf» is «đường» in Telex, «d9u7o7ng2» is the same in VNI.
"""

import re
import unicodedata

from kontum_crawler.text import is_syllable, nfc

_TELEX_TONES = dict(zip("fsxrj", "\u0300\u0301\u0303\u0309\u0323", strict=True))
_VNI_TONES = dict(zip("21435", "\u0300\u0301\u0303\u0309\u0323", strict=True))
_VOWELS = "aăâeêioôơuưy"
_LAST = ("oa", "oe", "uy")


def typed_as(word: str) -> str | None:
    """The syllable that these keys were meant to give; None where they give none."""
    for read in (_telex, _vni):
        meant = read(word)
        if meant and meant != word and is_syllable(meant):
            return meant
    return None


def _telex(word: str) -> str | None:
    if not re.fullmatch(r"[a-z]{2,9}", word):
        return None
    tone = ""
    if match := re.search(r"(?<=[aeiouy])([a-z]*?)([fsxrj])", word):
        tone = _TELEX_TONES[match[2]]
        word = word[: match.start(2)] + word[match.end(2) :]
    for keys, letter in (("dd", "đ"), ("aa", "â"), ("ee", "ê"), ("oo", "ô"), ("aw", "ă")):
        word = word.replace(keys, letter)
    word = re.sub(r"^d(.*)d$", r"đ\1", word)
    word = re.sub(r"uo(\w*?)w", r"ươ\1", word).replace("uwow", "ươ").replace("uwo", "ươ")
    word = word.replace("ow", "ơ").replace("uw", "ư")
    return _toned(word, tone)


def _vni(word: str) -> str | None:
    if not re.fullmatch(r"[a-z]+(?:[a-z]*[1-9]+[a-z]*)+", word) or len(word) > 9:
        return None
    tone = ""
    if match := re.search(r"[1-5]", word):
        tone = _VNI_TONES[match[0]]
        word = word.replace(match[0], "", 1)
    if "9" in word:
        word = re.sub(r"^d", "đ", word.replace("9", "", 1))
    if "7" in word:
        word = word.replace("7", "")
        word = word.replace("uo", "ươ") if "uo" in word else re.sub("[uo]", _horned, word, count=1)
    if "6" in word:
        word = re.sub("[aeo]", lambda m: nfc(m[0] + "\u0302"), word.replace("6", "", 1), count=1)
    if "8" in word:
        word = word.replace("8", "", 1).replace("a", "ă", 1)
    return _toned(word, tone)


def _horned(match: re.Match[str]) -> str:
    return nfc(match[0] + "\u031b")


def _toned(word: str, tone: str) -> str | None:
    """Put a tone on the vowel that carries it in the older, more frequent placement."""
    match = re.search(f"(?<![q])[{_VOWELS}]+", word) or re.search(f"[{_VOWELS}]+", word)
    if match is None:
        return None
    cluster, start = match[0], match.start()
    marked = [
        n for n, letter in enumerate(cluster) if unicodedata.normalize("NFD", letter) != letter
    ]
    closed = match.end() < len(word)
    if marked:
        place = start + marked[-1]
    elif len(cluster) > 1 and (closed or len(cluster) > 2) and cluster not in ("ia", "ua"):
        place = start + 1
    else:
        place = start
    return nfc(word[: place + 1] + tone + word[place + 1 :])
