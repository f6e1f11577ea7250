"""Vietnamese written before Unicode: TCVN3 (ABC fonts), VNI and VISCII, and symbols of fonts.

TCVN3 and VNI are no charsets to a browser but fonts: the page says windows-1252, and a font draws
`Thµnh phè` as «Thành phố». So they are repaired in text, not in bytes. Sources: TCVN 5712:1993
(VN3), the VNI-Windows table, RFC 1456 for VISCII.
"""

import re
import unicodedata

TCVN3 = str.maketrans(
    dict(
        zip(
            "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
            "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
            strict=True,
        )
    )
)
VISCII = str.maketrans(
    dict(
        zip(
            [2, 5, 6, 0x14, 0x19, 0x1E, *range(0x80, 0x100)],
            "ẲẴẪỶỸỴ"
            "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
            "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
            strict=True,
        )
    )
)
SYMBOLS = str.maketrans(
    dict(zip("\uf02d\uf06c\uf06e\uf071\uf076\uf0a7\uf0a8\uf0b7", "-●■❑❖▪◻•", strict=True))
    | dict(zip("\uf0d8\uf0e0\uf0e8\uf0f0\uf0fc\uf0fe", "➢→➔⇨✓☑", strict=True))
)
"""Private-use codes by which Word writes the bullets of Symbol and Wingdings."""

_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_CIRCUMFLEX = {"â": "\u0302"} | {
    mark: "\u0302" + tone for mark, tone in zip("áàåãä", _TONES.values(), strict=True)
}
_BREVE = {"ê": "\u0306"} | {
    mark: "\u0306" + tone for mark, tone in zip("éèúüë", _TONES.values(), strict=True)
}
_BASES = {"a": "a", "e": "e", "o": "o", "u": "u", "y": "y", "ô": "ơ", "ö": "ư"}
_MARKS = {
    "a": _TONES | _CIRCUMFLEX | _BREVE,
    "e": _TONES | _CIRCUMFLEX,
    "o": _TONES | _CIRCUMFLEX,
    "u": _TONES,
    "y": _TONES,
    "ô": _TONES,
    "ö": _TONES,
}


def _vni_table() -> dict[str, str]:
    lower = {
        "í": "í",
        "ì": "ì",
        "æ": "ỉ",
        "ó": "ĩ",
        "ò": "ị",
        "ô": "ơ",
        "ö": "ư",
        "î": "ỵ",
        "ñ": "đ",
    }
    for base, marks in _MARKS.items():
        for mark, accents in marks.items():
            lower[base + mark] = unicodedata.normalize("NFC", _BASES[base] + accents)
    upper = {key.upper(): value.upper() for key, value in lower.items()}
    mixed = {key[0].upper() + key[1]: value.upper() for key, value in lower.items() if key[1:]}
    return lower | mixed | upper


VNI = _vni_table()
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, VNI), key=len, reverse=True)))


def from_tcvn3(text: str, *, capitals: bool = False) -> str:
    """Unicode for text in an ABC font; `capitals` for the fonts with H (`.VnTimeH`)."""
    plain = text.translate(TCVN3)
    return plain.upper() if capitals else plain


def from_vni(text: str) -> str:
    """Unicode for text in a VNI font: an ASCII vowel and a letter that stands for its accents."""
    return _VNI_LETTER.sub(lambda match: VNI[match[0]], text)


def from_viscii(payload: bytes) -> str:
    """Unicode for bytes in VISCII (RFC 1456)."""
    return payload.decode("latin-1").translate(VISCII)
