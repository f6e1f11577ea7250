"""Text out of PDF, Word, Excel, OpenDocument, RTF, ZIP and plain files.

What a file is, its first bytes say; media type and name only tell apart what shares them. Rows of
tables are lines with their cells joined by a tab. To be called in a process of its own only.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable

from lxml import etree

from kontum_crawler.extract.documents_word import Encrypted, is_encrypted_package, word_text
from kontum_crawler.extract.encoding import decode
from kontum_crawler.text import clean

LONGEST = 8_000_000
"""Characters of text at most."""
UNPACKED = 256 * 1024 * 1024
"""Bytes that the parts of a packed file may have in all."""
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:"
_WORDS_MIME = ("text/", "application/json", "application/xml", "application/csv")


class TooBig(Exception):
    """A limit of unpacked bytes or of text was passed."""


def read_document(
    payload: bytes, media_type: str | None = None, filename: str | None = None
) -> tuple[str | None, str]:
    """The text of a file and its status, as `documents.document_text` gives them."""
    reader = _reader_of(payload, (media_type or "").lower(), (filename or "").lower())
    if reader is None:
        return None, "failed"
    try:
        text = clean(_limited(reader(payload))).strip()
    except Encrypted:
        return None, "encrypted"
    except (TooBig, MemoryError):
        return None, "too-big"
    except Exception:
        # Whatever a parser of foreign formats raises on a damaged file, the file is unreadable.
        return None, "failed"
    return (text, "ok") if text else (None, "empty")


def _reader_of(
    payload: bytes, media_type: str, filename: str
) -> Callable[[bytes], Iterable[str]] | None:
    start = payload[:1024].lstrip()
    if b"%PDF-" in payload[:1024]:
        return _pdf
    if start.startswith(b"{\\rtf"):
        return _rtf
    if payload.startswith(b"PK"):
        return _packed
    if payload.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound
    if media_type.startswith(_WORDS_MIME) or filename.endswith((".txt", ".csv", ".tsv", ".md")):
        return _csv if "csv" in media_type or filename.endswith(".csv") else _plain
    return None


def _limited(lines: Iterable[str]) -> str:
    parts: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > LONGEST:
            raise TooBig
        parts.append(line)
    return "\n".join(parts)


def _pdf(payload: bytes) -> Iterable[str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(payload)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Encrypted from error
        raise
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        yield text.get_text_bounded().replace("\r\n", "\n").replace("\ufffe", "")
        text.close()
        page.close()


def _rtf(payload: bytes) -> Iterable[str]:
    from striprtf.striprtf import rtf_to_text

    read: Callable[..., str] = rtf_to_text
    yield read(payload.decode("latin-1"), errors="ignore")


def _compound(payload: bytes) -> Iterable[str]:
    """Word and Excel files of 1997 to 2003, and the encrypted ones of later years."""
    if is_encrypted_package(payload):
        raise Encrypted
    if "Workbook".encode("utf-16-le") in payload or "Book\0".encode("utf-16-le") in payload:
        yield from _xls(payload)
    else:
        yield word_text(payload)


def _xls(payload: bytes) -> Iterable[str]:
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=payload, on_demand=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        if "encrypt" in str(error).lower():
            raise Encrypted from error
        raise
    for sheet in book.sheets():
        for number in range(sheet.nrows):
            yield _row(_number(cell.value) for cell in sheet.row(number))
        yield ""


def _packed(payload: bytes) -> Iterable[str]:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        names = set(archive.namelist())
        if "word/document.xml" in names:
            _check_unpacked(archive)
            yield from _docx(payload)
        elif "xl/workbook.xml" in names:
            _check_unpacked(archive)
            yield from _xlsx(payload)
        elif "content.xml" in names and "mimetype" in names:
            _check_unpacked(archive)
            yield from _open_document(archive)
        else:
            yield from (info.filename for info in archive.infolist() if not info.is_dir())


def _check_unpacked(archive: zipfile.ZipFile) -> None:
    if sum(info.file_size for info in archive.infolist()) > UNPACKED:
        raise TooBig
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise Encrypted


def _docx(payload: bytes) -> Iterable[str]:
    import docx
    from docx.table import Table

    def lines(content: Iterable[object]) -> Iterable[str]:
        for part in content:
            if isinstance(part, Table):
                for row in part.rows:
                    yield _row(" ".join(lines(cell.iter_inner_content())) for cell in row.cells)
            else:
                yield str(getattr(part, "text", ""))

    yield from lines(docx.Document(io.BytesIO(payload)).iter_inner_content())


def _xlsx(payload: bytes) -> Iterable[str]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(payload), read_only=True, data_only=True)
    for sheet in book.worksheets:
        # The stated size of a sheet may be a million empty rows.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            if any(value is not None for value in row):
                yield _row(_number(value) for value in row)
        yield ""


def _open_document(archive: zipfile.ZipFile) -> Iterable[str]:
    if "META-INF/manifest.xml" in archive.namelist():
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise Encrypted
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(archive.read("content.xml"), parser)
    paragraph = (f"{_OFFICE}text:1.0}}p", f"{_OFFICE}text:1.0}}h")
    row, cell = f"{_OFFICE}table:1.0}}table-row", f"{_OFFICE}table:1.0}}table-cell"
    for element in root.iter(row, *paragraph):
        if element.tag == row:
            yield _row(_inner_text(one) for one in element.iter(cell))
        elif next(element.iterancestors(row), None) is None:
            yield _inner_text(element)


def _inner_text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())


def _plain(payload: bytes) -> Iterable[str]:
    yield decode(payload, "text/plain")[0]


def _csv(payload: bytes) -> Iterable[str]:
    text = decode(payload, "text/plain")[0]
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        yield text
        return
    for row in csv.reader(io.StringIO(text), dialect):
        yield _row(row)


def _row(cells: Iterable[str]) -> str:
    return "\t".join(" ".join(cell.split()) for cell in cells).rstrip("\t")


def _number(value: object) -> str:
    """A cell as people see it: whole numbers without a decimal part, nothing for an empty cell."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)
