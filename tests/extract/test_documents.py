"""Text of attached files: each kind, each status, and files that want to do harm."""

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
