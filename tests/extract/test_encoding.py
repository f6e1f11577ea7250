"""Pages in every encoding that Vietnamese pages have had, true to their label or not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler.extract import legacy
from kontum_crawler.extract.encoding import decode, to_unicode

TEXT = (
    "Ủy ban nhân dân tỉnh Kon Tum ban hành Kế hoạch số 1600/KH-UBND ngày 09/5/2024 về việc tổ chức"
    " các hoạt động hưởng ứng Tháng hành động vì trẻ em; các đơn vị phối hợp tặng quà, thăm hỏi"
    " những em có hoàn cảnh khó khăn, khuyết tật trên địa bàn huyện Đăk Hà, xã Đăk Ui."
)
TONES = "\u0300\u0301\u0303\u0309\u0323"


def page(text: str, charset: str | None = None, font: str | None = None) -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    inner = f'<font face="{font}">{text}</font>' if font else text
    return f"<html><head>{meta if charset else ''}</head><body><p>{inner}</p></body></html>"


def cp1258(text: str) -> bytes:
    written = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in TONES))
        tone = "".join(c for c in parts if c in TONES)
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            written += (base + tone).encode("cp1258")
    return written


def viscii(text: str) -> bytes:
    table = {value: code for code, value in legacy.VISCII.items()}
    return bytes(table[c] if c in table else ord(c) for c in text)


def tcvn3(text: str) -> str:
    table = {value: chr(code) for code, value in legacy.TCVN3.items()}
    return "".join(table.get(c, table.get(c.lower(), c)) for c in text)


def vni(text: str) -> str:
    table = {value: code for code, value in sorted(legacy.VNI.items(), reverse=True)}
    return "".join(table.get(c, c) for c in text)


@pytest.mark.parametrize("label", [None, "utf-8", "windows-1258", "iso-8859-1"])
@pytest.mark.parametrize(
    ("encode", "mark"),
    [
        (str.encode, None),
        (cp1258, "windows-1258"),
        (viscii, "viscii"),
        (lambda text: vni(text).encode("cp1252"), "vni"),
    ],
    ids=["utf-8", "windows-1258", "viscii", "vni"],
)
def test_a_page_is_read_whatever_it_declares(encode, mark, label) -> None:  # type: ignore[no-untyped-def]
    shown = page(TEXT, label)
    text, marks = decode(encode(shown))
    assert text == shown
    assert [name for name in marks if name != "wrong-charset"] == ([mark] if mark else [])


def test_tcvn3_in_bytes_is_read_by_its_letters() -> None:
    text, marks = decode(tcvn3(page(TEXT.lower())).encode("latin-1"))
    assert text == page(TEXT.lower())
    assert marks == ["tcvn3"]


@pytest.mark.parametrize(
    ("label", "encode", "marks"),
    [
        ("text/html; charset=utf-8", cp1258, ["windows-1258", "wrong-charset"]),
        ("text/html; charset=windows-1258", cp1258, ["windows-1258"]),
        ("text/html; charset=windows-1258", str.encode, ["wrong-charset"]),
        ("text/html; charset=no-such-thing", str.encode, []),
        ("text/html", str.encode, []),
    ],
)
def test_a_header_that_lies_is_marked(label, encode, marks) -> None:  # type: ignore[no-untyped-def]
    assert decode(encode(page(TEXT)), label) == (page(TEXT), marks)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_and_marked_encodings_are_read(encoding: str) -> None:
    assert decode(page(TEXT).encode(encoding)) == (page(TEXT), [])


def test_single_bytes_of_another_encoding_leave_the_rest_as_it_is() -> None:
    payload = page(TEXT).encode().replace(b" Kon Tum ", b" \x93Kon Tum\x94 ")
    assert decode(payload) == (page(TEXT).replace(" Kon Tum ", " “Kon Tum” "), ["mixed"])


def test_a_page_cut_inside_a_letter_loses_only_that_letter() -> None:
    payload = (page(TEXT) + "ộ").encode()[:-1]
    assert decode(payload) == (page(TEXT), [])


def test_loose_tone_marks_are_marked_and_kept() -> None:
    loose = unicodedata.normalize("NFD", page(TEXT))
    assert decode(loose.encode()) == (loose, ["nfd"])


@pytest.mark.parametrize(("font", "write"), [(".VnTime", tcvn3), ("VNI-Times", vni)])
def test_fonts_that_stood_for_an_encoding_are_repaired(font, write) -> None:  # type: ignore[no-untyped-def]
    text, marks = decode(page(write(TEXT.lower()), "utf-8", font).encode())
    assert text == page(TEXT.lower(), "utf-8", font)
    assert len(marks) == 1


def test_entities_and_capital_fonts_are_repaired() -> None:
    entities = "".join(f"&#{ord(c)};" if ord(c) > 159 else c for c in tcvn3(TEXT))
    text, _ = decode(page(entities, None, ".VnTimeH").encode("ascii"))
    assert text == page(TEXT.upper(), None, ".VnTimeH")


def test_a_paragraph_in_an_old_font_leaves_the_unicode_around_it_alone() -> None:
    shown = f"<p>{TEXT}</p><p>{tcvn3(TEXT.lower())}</p><p>Hà Nội</p>"
    text, marks = decode(shown.encode())
    assert text == f"<p>{TEXT}</p><p>{TEXT.lower()}</p><p>Hà Nội</p>"
    assert marks == ["tcvn3"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Café society — “naïve” résumé, São Paulo não é à la carte, façade", "cp1252"),
        ("L'été où il a été élu là-bas: déjà vu, garçon, forêt, œuvre, très près", "cp1252"),
        ("Größe schön für Äpfel, Öl, süß, Mädchen, Käse, größer, hören, öffnen", "cp1252"),
        ("Smørrebrød på Ærø: blåbær, æble, øl, året, går, når, også, så, får", "cp1252"),
        ("El niño pequeño, año, mañana, señor, España, cañón, piñata, leña", "cp1252"),
        ("Plain English — “quoted” text’s end", "cp1252"),
        ("Привет, мир: это русский текст", "cp1251"),
        ("日本語のテキストです", "shift_jis"),
    ],
)
def test_other_languages_are_not_mangled(text: str, encoding: str) -> None:
    shown = page(text * 3, encoding)
    assert decode(shown.encode(encoding)) == (shown, [])
    assert decode(page(text * 3).encode()) == (page(text * 3), [])


@pytest.mark.parametrize(
    ("text", "font", "expected"),
    [
        ("Thµnh phè Kon Tum", None, "Thành phố Kon Tum"),
        ("uû ban nh©n d©n", ".VnTimeH", "UỶ BAN NHÂN DÂN"),
        ("Thaønh phoá", "VNI-Times", "Thành phố"),
        ("Thành phố", None, "Thành phố"),
        ("café", None, "café"),
        ("\uf0b7 Mục", None, "• Mục"),
    ],
)
def test_a_text_node_is_repaired_alone(text: str, font: str | None, expected: str) -> None:
    assert to_unicode(text, font) == expected


@given(st.binary(max_size=400), st.none() | st.text(max_size=40))
def test_any_bytes_become_text(payload: bytes, content_type: str | None) -> None:
    text, _ = decode(payload, content_type)
    text.encode("utf-8")


@given(st.text(max_size=200))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    if not text.startswith("\ufeff") and "\x00" not in text and not text.isprintable():
        assert decode(text.encode())[0] == text.translate(legacy.SYMBOLS)


SENTENCE = (
    "Đồng chí Nguyễn Thị Hương, Phó Chủ tịch Ủy ban nhân dân huyện, phát biểu chỉ đạo hội nghị."
)


@pytest.mark.parametrize("taken_for", ["latin-1", "cp1252"])
def test_text_that_was_encoded_twice_is_read_once(taken_for: str) -> None:
    wrong = "".join(
        bytes([byte]).decode(taken_for, "ignore") or chr(byte) for byte in SENTENCE.encode()
    )
    right = "<p>Bên cạnh đó, thị trường «má» vẫn ổn định.</p>"
    text, marks = decode(f"<p>{wrong}</p>{right}".encode())
    assert (text, marks) == (f"<p>{SENTENCE}</p>{right}", ["utf-8-twice"])


VIETNAMESE = st.sampled_from([*"aáàảãạăắằâấầđêếềôốồơớờưứừ ÃÂÄẤẦĐ»«º¡€„…–— .,<>&;bcdght"])


@given(st.text(VIETNAMESE, max_size=300))
def test_proper_text_is_never_taken_for_text_encoded_twice(text: str) -> None:
    page = f"<p>{SENTENCE} {text}</p>"
    assert decode(page.encode())[0] == page


@given(st.text(max_size=200))
def test_text_of_any_script_is_never_taken_for_text_encoded_twice(text: str) -> None:
    assert "utf-8-twice" not in decode(text.encode("utf-8", "replace"))[1]
