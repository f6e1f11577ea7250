"""Small real documents with Vietnamese text: PDF (ISO 32000-1) and DOCX (ECMA-376)."""

import io
import zipfile
import zlib
from html import escape

LINE = 82
LINES_A_PAGE = 46


def pdf(paragraphs: list[str]) -> bytes:
    """A PDF whose text can be selected: one simple font, named glyphs, a ToUnicode map.

    Raises ValueError where the text has more than 220 different characters.
    """
    lines = [line for paragraph in paragraphs for line in [*_wrapped(paragraph), ""]]
    chars = sorted({c for line in lines for c in line})
    if len(chars) > 220:
        raise ValueError("too many different characters for one simple font")
    code = {char: 33 + n for n, char in enumerate(chars)}
    pages = [lines[at : at + LINES_A_PAGE] for at in range(0, len(lines), LINES_A_PAGE)]
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    names = " ".join(f"/uni{ord(char):04X}" for char in chars)
    widths = " ".join(["500"] * len(chars))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        f"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /FirstChar 33 /LastChar "
        f"{32 + len(chars)} /Widths [{widths}] /Encoding 4 0 R /ToUnicode 5 0 R >>".encode(),
        f"<< /Type /Encoding /Differences [33 {names}] >>".encode(),
        _stream(_to_unicode(code)),
    ]
    for n, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * n} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        rows = "\n".join(f"<{''.join(f'{code[c]:02X}' for c in line)}> Tj T*" for line in page)
        objects.append(_stream(f"BT /F1 11 Tf 15 TL 60 780 Td\n{rows}\nET".encode()))
    return _pdf_file(objects)


def scanned_pdf() -> bytes:
    """A PDF that is only the picture of a page: no text can be had from it."""
    grey = bytes(230 if (x // 3 + y // 5) % 7 else 40 for y in range(140) for x in range(100))
    packed = zlib.compress(grey, 9)
    picture = (
        "<< /Type /XObject /Subtype /Image /Width 100 /Height 140 /ColorSpace /DeviceGray"
        f" /BitsPerComponent 8 /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
    ).encode()
    return _pdf_file(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /XObject << /Im1 5 0 R >> >> >>",
            _stream(b"q 595 0 0 842 0 0 cm /Im1 Do Q"),
            picture + packed + b"\nendstream",
        ]
    )


def docx(paragraphs: list[str]) -> bytes:
    """A DOCX with these paragraphs; the same bytes on every call."""
    rows = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text in paragraphs
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    target = f'Type="{OFFICE}/relationships/officeDocument" Target="word/document.xml"'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{rels}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{WORD_TYPE}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" {target}/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{rows}</w:body></w:document>',
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(zipfile.ZipInfo(name, (2024, 5, 9, 8, 0, 0)), (XML + part).encode())
    return written.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _to_unicode(code: dict[str, int]) -> bytes:
    pairs = [f"<{n:02X}> <{char.encode('utf-16-be').hex().upper()}>" for char, n in code.items()]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    maps = "\n".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar" for b in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Kontum def\n"
        f"/CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange\n{maps}\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    head = f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _pdf_file(objects: list[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(written)
