"""From the bytes of a page to text: what the page really is, whatever it says of itself.

Valid UTF-8 is UTF-8. Other bytes are read in each encoding that Vietnamese pages have had, and the
reading with the most well-formed Vietnamese syllables wins; where none is Vietnamese, what the page
declares counts, else windows-1252. Fonts that stood for an encoding (TCVN3, VNI) are repaired
afterwards, text node by text node.
"""

import codecs
import html
import re
import unicodedata
from collections.abc import Callable

from kontum_crawler.extract.legacy import SYMBOLS, from_tcvn3, from_viscii, from_vni
from kontum_crawler.text import is_syllable, nfc, unpiled

SAMPLE = 60_000
"""Characters from which an encoding is judged."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_META = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,100}encoding=[\"']([\w.:-]+)",
    re.I,
)
_UTF8_LETTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_CUT_TAIL = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")
_MARKUP = re.compile(r"<[^>]*>|&[#\w]+;", re.S)
_UNREAD = {kind: re.compile(rf"<{kind}\b.*?</{kind}", re.I | re.S) for kind in ("script", "style")}
_HIGH = re.compile(rb"[\x80-\xff]")
_ASCII = bytes(range(0x80))
_WORDS = re.compile(r"[^\W\d_]+", re.UNICODE)
_LOOSE_TONE = re.compile("[^\\W\\d_][\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323]")
_FONTS = {"tcvn3": (".Vn", ".VN", "VnTime"), "vni": ("VNI-", "VNI ")}
_RARE = {"tcvn3": re.compile("[µ¶·¸¹¼½¾Æ®ª¬]"), "vni": re.compile("[øûåäëöñï]")}
"""Letters that fonts use all the time and Unicode pages in Vietnamese hardly ever."""
_SIGNS = {
    "tcvn3": re.compile("[A-Za-z][µ¶·¸¹»¼½¾Æ®©ª«¬\u00ad×ÐÞß¨]|[®§][A-Za-zµ¶·¸¹\u00ad]"),
    "vni": re.compile("[aeouyAEOUY][øûåïäëüùõâàáãêéèú]|[ñöÑÖ][a-zA-Zöôïùøû]|[hHlLtT]æ"),
}
_FEW = 8
_SURE = {"windows-1252": 2.0, "windows-1258": 0.7, "viscii": 0.8, "tcvn3": 0.7, "vni": 0.7}
"""Share of well-formed syllables from which a reading is believed; windows-1252 is the default."""
_NODE = re.compile(r"(?<=>)[^<>]*[^\s<>][^<>]*|\A[^<>]+")
_CAPITALS = re.compile(r"\.Vn\w+H\b")
_ENTITY = re.compile(
    r"&(?!(?:lt|gt|amp|quot|apos);)(?:#(?:1[6-9]\d|2[0-4]\d|25[0-5])|[A-Za-z]{2,6}\d?);"
)

_BYTE_OF = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    character: byte
    for byte in range(0x80, 0xA0)
    if (character := bytes([byte]).decode("cp1252", "ignore"))
}
"""The byte that a letter was, where UTF-8 was taken for windows-1252 or Latin-1."""
_MORE = "[" + re.escape("".join(c for c, byte in _BYTE_OF.items() if byte < 0xC0)) + "]"
_TWICE = re.compile(
    f"[\u00c2-\u00df]{_MORE}|[\u00e0-\u00ef]{_MORE}{{2}}|[\u00f0-\u00f4]{_MORE}{{3}}"
)


def decode(payload: bytes, content_type: str | None = None) -> tuple[str, list[str]]:
    """Decode a page and name the repairs that this took.

    content_type: the header's value, `text/html; charset=…`.

    Marks: `windows-1258`, `viscii`, `tcvn3`, `vni` (what the text was in), `utf-8-twice` (its UTF-8
    was taken for Latin-1 and encoded again: «Ä‘á»“ng» for «đồng»), `mixed` (UTF-8 with single
    bytes of another encoding), `wrong-charset` (the page declares another encoding), `nfd`
    (loose tone marks; they stay, `text.clean` joins them), `private-use` (symbols of a font).
    Never raises: what no encoding explains becomes U+FFFD.
    """
    text, encoding, marks = _text_of(payload, content_type)
    text = unpiled(text)
    if not payload.isascii() and _is_wrong(_declared(payload, content_type), encoding):
        marks.append("wrong-charset")
    if (once := _encoded_once(text)) != text:
        text = once
        marks.append("utf-8-twice")
    if kind := _legacy_of(text):
        text = _repaired(text, kind)
        marks.append(kind)
    if not unicodedata.is_normalized("NFC", text) and _LOOSE_TONE.search(text):
        marks.append("nfd")
    if (shown := text.translate(SYMBOLS)) != text:
        text = shown
        marks.append("private-use")
    return text, marks


def to_unicode(text: str, font: str | None = None) -> str:
    """Repair one text node: TCVN3 or VNI by the name of its font, else by its letters alone.

    Text that is Unicode already, or no Vietnamese at all, comes back unchanged.
    """
    text = text.translate(SYMBOLS)
    if font and re.match(r"\.?vn(?!i)", font.strip(" '\""), re.I):
        readings = [from_tcvn3(text, capitals=bool(re.search(r"H\W*\Z", font)))]
    elif font and re.match(r"vni", font.strip(" '\""), re.I):
        readings = [from_vni(text)]
    else:
        readings = [from_tcvn3(text), from_vni(text)]
    if any("\u0102" <= c <= "\u1ef9" for c in text):
        return text
    best = max(readings, key=_share)
    return best if _share(best) > max(_share(text), 0.6) or (font and best != text) else text


_LATIN = frozenset({"cp1252", "iso8859-1", "iso8859-15", "ascii"})


def _is_wrong(declared: str | None, encoding: str) -> bool:
    real = _codec(encoding) or encoding
    if declared is None or real.startswith(declared):
        return False
    return not (declared in _LATIN and real in _LATIN)


def _text_of(payload: bytes, content_type: str | None) -> tuple[str, str, list[str]]:
    for bom, encoding in _BOMS:
        if payload.startswith(bom):
            return payload[len(bom) :].decode(encoding, "replace"), encoding, []
    if wide := _wide(payload):
        return payload.decode(wide, "replace"), wide, []
    try:
        return payload.decode("utf-8"), "utf-8", []
    except UnicodeDecodeError:
        return _not_utf8(payload, content_type)


def _wide(payload: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of the markup is a NUL."""
    head = payload[:400]
    if len(head) < 8 or head.count(0) * 3 < len(head):
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _not_utf8(payload: bytes, content_type: str | None) -> tuple[str, str, list[str]]:
    whole = payload[: -len(cut[0])] if (cut := _CUT_TAIL.search(payload[-4:])) else payload
    if cut:
        try:
            return whole.decode("utf-8"), "utf-8", []
        except UnicodeDecodeError:
            pass
    letters = _UTF8_LETTER.findall(payload)
    strays = len(_UTF8_LETTER.sub(b"", payload).translate(None, _ASCII))
    if len(letters) > 3 * strays:
        return _mend(payload), "utf-8", ["mixed"]
    declared = _declared(payload, content_type)
    # Scripts may fill many pages' worth before the first letter that tells anything.
    first = match.start() if (match := _HIGH.search(payload)) else 0
    sample = payload[max(0, first - SAMPLE // 10) :][: 2 * SAMPLE]
    scores = {name: _syllables(text) for name, text in _readings(sample).items()}
    if declared == "cp1258":
        scores["windows-1258"] = (scores["windows-1258"][0] + 0.05, scores["windows-1258"][1])
    best = max(scores, key=lambda name: scores[name])
    share, count = scores[best]
    if count >= 3 and share >= _SURE[best] and share > scores["windows-1252"][0] + 0.2:
        if best in _BYTES:
            return _BYTES[best](payload), best, [best]
        return _western(payload), "windows-1252", []
    if declared == "cp1258":
        return _vietnamese(payload), "windows-1258", ["windows-1258"]
    return _foreign(payload, declared)


def _readings(payload: bytes) -> dict[str, str]:
    """The text in each encoding and font that Vietnamese pages have had."""
    western = _western(payload)
    readings = {"windows-1252": western}
    readings |= {name: read(payload) for name, read in _BYTES.items()}
    return readings | {"tcvn3": from_tcvn3(western), "vni": from_vni(western)}


def _western(payload: bytes) -> str:
    return payload.decode("cp1252", "replace")


def _vietnamese(payload: bytes) -> str:
    return nfc(payload.decode("cp1258", "replace"))


_BYTES: dict[str, Callable[[bytes], str]] = {"windows-1258": _vietnamese, "viscii": from_viscii}


def _foreign(payload: bytes, declared: str | None) -> tuple[str, str, list[str]]:
    """No Vietnamese: what the page declares if that reads, else windows-1252, as browsers do."""
    if declared and declared not in ("utf-8", "cp1258"):
        encoding = "cp1252" if declared in _LATIN else declared
        try:
            return (
                payload.decode(encoding, "replace" if encoding == "cp1252" else "strict"),
                encoding,
                [],
            )
        except (UnicodeDecodeError, LookupError):
            pass
    return _western(payload), "windows-1252", []


def _mend(payload: bytes) -> str:
    """UTF-8 with each byte that does not belong read as windows-1258."""
    pieces: list[str] = []
    rest = 0
    for match in _UTF8_LETTER.finditer(payload):
        pieces.append(payload[rest : match.start()].decode("cp1258", "replace"))
        pieces.append(match[0].decode("utf-8", "replace"))
        rest = match.end()
    pieces.append(payload[rest:].decode("cp1258", "replace"))
    return "".join(pieces)


def _declared(payload: bytes, content_type: str | None) -> str | None:
    """Python's name of the encoding that header or, failing that, meta tag declares."""
    match = _HEADER.search(content_type or "")
    if match and (codec := _codec(match[1])):
        return codec
    meta = _META.search(payload[:8192])
    return _codec((meta[1] or meta[2]).decode("ascii", "replace")) if meta else None


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


def _syllables(text: str) -> tuple[float, int]:
    """Share of Vietnamese syllables among the accented words of a page, and their number."""
    words = [w for w in _WORDS.findall(_without_markup(text[:SAMPLE])) if not w.isascii()]
    good = sum(1 for word in words if is_syllable(word))
    loose = len(re.findall("[\x80-\x9f\ufffd\u0300-\u036f]", text[:SAMPLE]))
    return (good / (len(words) + loose), good) if words else (0.0, 0)


def _without_markup(text: str) -> str:
    for kind, pattern in _UNREAD.items():
        # Behind the last end there is none to look for, which a flood of open ones would do each.
        end = max((match.end() for match in re.finditer(f"</{kind}", text, re.I)), default=0)
        text = pattern.sub(" ", text[:end]) + text[end:]
    last = text.rfind(">") + 1
    return _MARKUP.sub(" ", text[:last]) + text[last:]


def _share(text: str) -> float:
    return _syllables(text)[0]


def _encoded_once(text: str) -> str:
    """Text whose UTF-8 was encoded a second time as it was before; all other text unchanged.

    A text node is repaired only where its words are Vietnamese afterwards and were not before, so
    that what stands right beside it on the page stays as it is.
    """
    # Half of the letters with accents in Vietnamese begin with the bytes E1 BA or E1 BB.
    if text.count("áº") + text.count("á»") < 3:
        return text

    def node(match: re.Match[str]) -> str:
        shown = _shown(match[0])
        if (read := _TWICE.sub(_single, shown)) == shown:
            return match[0]
        after = _share(read)
        return read if after >= 0.6 and after > _share(shown) + 0.3 else match[0]

    return _NODE.sub(node, text)


def _single(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF[character] for character in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _legacy_of(text: str) -> str | None:
    """`tcvn3` or `vni` for a page with text in such a font; None for all others.

    Proof is that words of text nodes are no syllables as they stand and are when read so.
    """
    for kind, rare in _RARE.items():
        named = any(font in text for font in _FONTS[kind])
        if not named and len(rare.findall(text)) < _FEW:
            continue
        nodes = [
            shown for node in _NODE.findall(text) if _SIGNS[kind].search(shown := _shown(node))
        ]
        before = "\n".join(nodes)[:SAMPLE]
        good = _syllables(_read(before, kind))
        if good[1] >= 3 and good[0] >= 0.6 and good[0] > _share(before) + 0.2:
            return kind
    return None


def _shown(node: str) -> str:
    """A text node with its Latin-1 entities resolved, the others as they stand."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), node) if "&" in node else node


def _read(text: str, kind: str, *, capitals: bool = False) -> str:
    return from_vni(text) if kind == "vni" else from_tcvn3(text, capitals=capitals)


def _repaired(text: str, kind: str) -> str:
    """The page with each text node that gains by it in Unicode; markup stays as it is."""

    def node(match: re.Match[str]) -> str:
        shown = _shown(match[0])
        if shown.isascii() or any(c > "\u00ff" and c.isalpha() for c in shown):
            return match[0]
        opening = text.rfind("<", 0, match.start())
        capitals = kind == "tcvn3" and bool(_CAPITALS.search(text, max(opening, 0), match.start()))
        read = _read(shown, kind, capitals=capitals)
        return read if _share(read) > _share(shown) else match[0]

    return _NODE.sub(node, text)
