"""Text of attached files: each kind, each status, and files that want to do harm."""

import datetime
import io
import struct
import zipfile
from collections.abc import Iterator

import docx
import openpyxl
import pytest

from kontum_crawler.extract.documents import Reader
from kontum_crawler.extract.documents_text import LONGEST

TEXT = "Quyết định số 123/QĐ-UBND"


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(seconds=30) as one:
        yield one


def pdf(content: bytes, extra: bytes = b"") -> bytes:
    """A one-page PDF; pdfium finds the objects without a table of places."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        body
        + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R%s >>\n"
        % (
            table,
            extra,
        )
        + b"startxref\n%d\n%%%%EOF\n" % len(body)
    )


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with at most three streams, each padded past the mini-stream limit."""
    names = ["Root Entry", *streams]
    padded = [
        value.ljust(max(4096, -(-len(value) // 512) * 512), b"\0") for value in streams.values()
    ]
    fat, starts, place = [0xFFFFFFFD, 0xFFFFFFFE], [], 2
    for value in padded:
        count = len(value) // 512
        starts.append(place)
        fat += [*range(place + 1, place + count), 0xFFFFFFFE]
        place += count
    fat += [0xFFFFFFFF] * (128 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    head = head.ljust(512, b"\xff")
    entries = b""
    for number, name in enumerate(names):
        raw = (name + "\0").encode("utf-16-le")
        entry = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), 5 if not number else 2, 1)
        entry += struct.pack("<III", *(0xFFFFFFFF,) * 2, 1 if not number else 0xFFFFFFFF)
        start, size = (
            (0xFFFFFFFE, 0) if not number else (starts[number - 1], len(padded[number - 1]))
        )
        entries += entry.ljust(116, b"\0") + struct.pack("<III", start, size, 0)
    return head + struct.pack("<128I", *fat) + entries.ljust(512, b"\0") + b"".join(padded)


def doc(text: str, *, encrypted: bool = False) -> bytes:
    """A Word 97 file of one piece in UTF-16."""
    word = bytearray(2048)
    struct.pack_into("<H", word, 0, 0xA5EC)
    struct.pack_into("<H", word, 0x0A, 0x0100 if encrypted else 0)
    struct.pack_into("<i", word, 0x4C, len(text))
    clx = b"\x02" + struct.pack("<III", 16, 0, len(text)) + struct.pack("<HIH", 0, 2048, 0)
    struct.pack_into("<II", word, 0x01A2, 0, len(clx))
    return compound({"WordDocument": bytes(word) + text.encode("utf-16-le"), "0Table": clx})


def xls(cell: str, value: float) -> bytes:
    """An Excel 5 file with one row of a label and a number."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    head = record(0x0809, struct.pack("<HHHH", 0x0500, 5, 0, 0)) + record(0x42, b"\xe4\x04")
    sheet = record(0x0809, struct.pack("<HHHH", 0x0500, 0x10, 0, 0))
    sheet += record(0x0204, struct.pack("<HHHH", 0, 0, 0, len(cell)) + cell.encode("cp1252"))
    sheet += record(0x0203, struct.pack("<HHHd", 0, 1, 0, value)) + record(0x0A, b"")
    bound_size = 4 + 7 + 5
    start = len(head) + bound_size + 4
    bound = record(0x85, struct.pack("<IHB", start, 0, 5) + b"Trang")
    return compound({"Book": head + bound + record(0x0A, b"") + sheet})


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def odt(body: str, manifest: str = "<manifest/>") -> bytes:
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        f' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">{body}'
        "</office:document-content>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": content.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def test_pdf_gives_its_text(reader: Reader) -> None:
    page = pdf(b"BT /F1 12 Tf 20 100 Td (Nghi quyet 05) Tj ET")
    assert reader.read(page, "application/pdf", "a.pdf") == ("Nghi quyet 05", "ok")


def test_pdf_without_text_is_empty(reader: Reader) -> None:
    assert reader.read(pdf(b"0 0 100 100 re f")) == (None, "empty")


def test_pdf_with_a_password_is_encrypted(reader: Reader) -> None:
    lock = (
        b" /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"11" * 32
        + b"> /U <"
        + b"22" * 32
        + b"> >>"
    )
    assert reader.read(pdf(b"BT ET", lock)) == (None, "encrypted")


def test_docx_gives_paragraphs_and_table_rows_in_order(reader: Reader) -> None:
    document = docx.Document()
    document.add_paragraph(TEXT)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Tên", "Số"
    document.add_paragraph("Nơi nhận")
    buffer = io.BytesIO()
    document.save(buffer)
    assert reader.read(buffer.getvalue()) == (f"{TEXT}\nTên\tSố\nNơi nhận", "ok")


def test_xlsx_gives_rows(reader: Reader) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Xã", 12, None, 1.5])
    buffer = io.BytesIO()
    book.save(buffer)
    assert reader.read(buffer.getvalue()) == ("Xã\t12\t\t1.5", "ok")


def test_doc_gives_text_without_field_codes(reader: Reader) -> None:
    text = f"{TEXT}\rSố\x07Tên\x07\x07\rXem \x13 HYPERLINK x \x14tại đây\x15.\r"
    assert reader.read(doc(text)) == (f"{TEXT}\nSố\tTên\t\t\nXem tại đây.", "ok")


def test_doc_with_a_password_is_encrypted(reader: Reader) -> None:
    assert reader.read(doc(TEXT, encrypted=True)) == (None, "encrypted")


def test_office_file_in_an_encrypted_package_is_encrypted(reader: Reader) -> None:
    assert reader.read(compound({"EncryptedPackage": b"x"}))[1] == "encrypted"


def test_xls_gives_rows(reader: Reader) -> None:
    assert reader.read(xls("Dak Ha", 7.0)) == ("Dak Ha\t7", "ok")


def test_odt_gives_paragraphs_and_rows(reader: Reader) -> None:
    body = (
        f"<text:h>{TEXT}</text:h><table:table><table:table-row><table:table-cell><text:p>a</text:p>"
        "</table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    assert reader.read(odt(body)) == (f"{TEXT}\na\tb", "ok")


def test_encrypted_odt_is_encrypted(reader: Reader) -> None:
    assert reader.read(odt("", "<m><encryption-data/></m>")) == (None, "encrypted")


def test_rtf_gives_text(reader: Reader) -> None:
    assert reader.read(rb"{\rtf1\ansi Quy\u7871?t \u273?\u7883?nh\par}") == ("Quyết định", "ok")


def test_zip_gives_its_listing(reader: Reader) -> None:
    listed = reader.read(zipped({"bao-cao.doc": b"x", "phu-luc/1.pdf": b"y"}))
    assert listed == ("bao-cao.doc\nphu-luc/1.pdf", "ok")


def test_csv_gives_cells_joined_by_tabs(reader: Reader) -> None:
    assert reader.read("Xã;Số\nĐăk Hà;3\n".encode(), "text/csv") == ("Xã\tSố\nĐăk Hà\t3", "ok")


def test_plain_text_is_kept(reader: Reader) -> None:
    assert reader.read(TEXT.encode(), None, "a.txt") == (TEXT, "ok")


@pytest.mark.parametrize(
    "payload", [b"\x00\x01\x02", b"%PDF-1.4 broken", b"PK\x03\x04torn", doc(TEXT)[:700]]
)
def test_damaged_or_unknown_files_fail(reader: Reader, payload: bytes) -> None:
    assert reader.read(payload) == (None, "failed")


def test_packed_bomb_is_too_big(reader: Reader) -> None:
    bomb = zipped({"word/document.xml": bytes(300 * 1024 * 1024)})
    assert len(bomb) < 1_000_000
    assert reader.read(bomb) == (None, "too-big")


def test_entity_bomb_ends_without_text(reader: Reader) -> None:
    lol = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    content = f"{lol}]><x>&j;</x>".encode()
    text, status = reader.read(zipped({"mimetype": b"x", "content.xml": content}))
    assert (text, status) in [(None, "failed"), (None, "empty"), (None, "too-big")]


def test_endless_text_is_too_big(reader: Reader) -> None:
    assert reader.read(b"a" * (LONGEST + 1), "text/plain") == (None, "too-big")


def test_one_child_reads_file_after_file_and_is_replaced_when_it_dies() -> None:
    with Reader() as one:
        one.read(TEXT.encode(), "text/plain")
        first = one._child
        one.read(TEXT.encode(), "text/plain")
        assert first is not None and one._child is first
        first.kill()
        first.wait()
        assert one.read(TEXT.encode(), "text/plain") == (TEXT, "ok")


def test_slow_file_fails_and_the_next_one_is_read() -> None:
    with Reader(seconds=0.0) as one:
        assert one.read(TEXT.encode(), "text/plain") == (None, "failed")
        one.seconds = 30.0
        assert one.read(TEXT.encode(), "text/plain") == (TEXT, "ok")


def test_memory_of_the_child_is_limited() -> None:
    rows = b"<x:r>" * 10
    huge = zipped({"mimetype": b"x", "content.xml": b"<a>" + rows + bytes(200_000_000) + b"</a>"})
    with Reader(memory=300 * 1024 * 1024) as one:
        assert one.read(huge)[1] in ("too-big", "failed")
        assert one.read(TEXT.encode(), "text/plain") == (TEXT, "ok")


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_file(body: str) -> bytes:
    """A DOCX with its main part alone, as a machine might write it."""
    document = f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return zipped({"word/document.xml": document.encode()})


def test_docx_gives_merged_cells_once(reader: Reader) -> None:
    document = docx.Document()
    table = document.add_table(3, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Tổng hợp"
    table.cell(1, 0).text, table.cell(1, 1).text, table.cell(2, 1).text = "Xã", "1", "2"
    table.cell(1, 0).merge(table.cell(2, 0))
    buffer = io.BytesIO()
    document.save(buffer)
    assert reader.read(buffer.getvalue()) == ("Tổng hợp\nXã\t1\n\t2", "ok")


def test_docx_gives_insertions_and_content_controls_and_no_deletions(reader: Reader) -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Kính gửi:</w:t><w:tab/></w:r>"
        "<w:ins><w:r><w:t>Sở Nội vụ</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>Sở Y tế</w:delText></w:r></w:del></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Số 12</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    assert reader.read(word_file(body)) == ("Kính gửi:\tSở Nội vụ\nSố 12", "ok")


def test_text_in_an_abc_font_becomes_unicode(reader: Reader) -> None:
    body = "<w:p><w:r><w:t>ñy ban nh©n d©n huyÖn B¾c Hµ th«ng b¸o</w:t></w:r></w:p>"
    assert reader.read(word_file(body)) == ("ủy ban nhân dân huyện Bắc Hà thông báo", "ok")


def test_french_text_stays_as_it_is(reader: Reader) -> None:
    text = "Le comité a été créé à la préfecture, où siègent les délégués élus"
    body = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
    assert reader.read(word_file(body)) == (text, "ok")


def test_odt_keeps_tabs_and_line_breaks(reader: Reader) -> None:
    body = "<text:p>Gửi:<text:tab/>Sở Nội vụ<text:line-break/>Sở<text:s/>Tư pháp</text:p>"
    assert reader.read(odt(body)) == ("Gửi:\tSở Nội vụ\nSở Tư pháp", "ok")


def test_presentation_gives_its_slides_in_order(reader: Reader) -> None:
    def slide(text: str) -> bytes:
        return f'<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:t>{text}</a:t></a:p></p:sld>'.encode()

    parts = {f"ppt/slides/slide{number}.xml": slide(f"Trang {number}") for number in (1, 10, 2)}
    packed = zipped({"ppt/presentation.xml": b"<p/>", **parts})
    assert reader.read(packed) == ("Trang 1\n\nTrang 2\n\nTrang 10", "ok")


PAGE = "<html><head><meta charset=utf-8></head><body><p>Thông báo</p><p>Số 5</p></body></html>"


def test_html_under_the_name_of_word_gives_its_text(reader: Reader) -> None:
    found = reader.read(PAGE.encode(), "application/msword", "tb.doc")
    assert found == ("Thông báo\n\nSố 5", "ok")


def test_html_in_the_place_of_a_pdf_fails(reader: Reader) -> None:
    assert reader.read(PAGE.encode(), "text/html", "tb.pdf") == (None, "failed")


def test_web_archive_gives_its_page(reader: Reader) -> None:
    head = b'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b\n'
    part = b"Content-Type: text/html; charset=utf-8\n\n" + PAGE.encode() + b"\n--b--\n"
    assert reader.read(head + part, "application/msword", "tb.doc")[0] == "Thông báo\n\nSố 5"


def test_excel_of_one_xml_file_gives_rows(reader: Reader) -> None:
    book = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:s">'
        "<Worksheet><Table><Row><Cell><Data>Xã</Data></Cell><Cell><Data>5</Data></Cell></Row>"
        "</Table></Worksheet></Workbook>"
    )
    assert reader.read(book.encode(), None, "a.xls") == ("Xã\t5", "ok")


def test_days_in_cells_are_written_as_people_see_them(reader: Reader) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    day = datetime.date(2024, 5, 9)
    book.active.append([day, datetime.datetime.combine(day, datetime.time(7, 30))])
    buffer = io.BytesIO()
    book.save(buffer)
    assert reader.read(buffer.getvalue()) == ("09/05/2024\t09/05/2024 07:30", "ok")


def test_names_in_a_zip_are_read_as_utf8_without_its_flag(reader: Reader) -> None:
    packed = bytearray(zipped({"Phụ lục.xlsx": b"x"}))
    for place in (packed.find(b"PK\1\2") + 9, packed.find(b"PK\3\4") + 7):
        packed[place] &= ~8
    assert reader.read(bytes(packed)) == ("Phụ lục.xlsx", "ok")


def test_rtf_gives_cells_joined_by_tabs(reader: Reader) -> None:
    assert reader.read(rb"{\rtf1 \trowd\cellx1 A\cell B\cell\row}") == ("A\tB", "ok")
