"""Text out of PDF, Word, Excel, OpenDocument, RTF, ZIP and plain files.

What a file is, its first bytes say; media type and name only tell apart what shares them. Rows of
tables are lines with their cells joined by a tab. To be called in a process of its own only.
"""

import contextlib
import csv
import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

from kontum_crawler.extract.documents_markup import (
    html_text,
    office_lines,
    parse,
    slides,
    web_archive_text,
)
from kontum_crawler.extract.documents_word import Encrypted, is_encrypted_package, word_text
from kontum_crawler.extract.encoding import decode, to_unicode
from kontum_crawler.text import clean

LONGEST = 8_000_000
"""Characters of text at most."""
UNPACKED = 256 * 1024 * 1024
"""Bytes that the parts of a packed file may have in all."""
_SAMPLE = 20_000
"""Characters of lines that must prove a font of the time before Unicode."""
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.I | re.S,
)
_WEB_ARCHIVE = re.compile(
    rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?Content-Type:\s*multipart/related", re.I
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*>\s*<\?mso-application\b", re.I)
_OLD = re.compile("[\u00a1-\u00ff]")
_NEW = re.compile("[\u0102-\u1ef9]")
_MAIN_PART = re.compile(r"word/document\d*\.xml")
_NO_HTML = (".pdf", ".zip", ".odt", ".ods", ".docx", ".xlsx", ".rar", ".7z")
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
        text = clean(_in_unicode(_limited(reader(payload)))).strip()
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
    if _HTML.match(start):
        # An error page in the place of a PDF is not the file; offices do save HTML as `.doc`.
        return None if filename.endswith(_NO_HTML) else _html
    if _WEB_ARCHIVE.match(start):
        return _web_archive
    if _XML.match(start):
        return _flat_xml
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


def _in_unicode(text: str) -> str:
    """The text with lines in ABC and VNI fonts repaired, where such lines prove that it has any."""
    lines = text.split("\n")
    old = [n for n, line in enumerate(lines) if _OLD.search(line) and not _NEW.search(line)]
    sample = "\n".join(lines[number] for number in old)[:_SAMPLE]
    if not sample or to_unicode(sample) == sample:
        return text
    for number in old:
        lines[number] = to_unicode(lines[number])
    return "\n".join(lines)


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
    # The library parts cells by bars.
    payload = re.sub(rb"\\(?:nest)?cell(?![a-z])[ ]?", rb"\\tab ", payload)
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
            yield _row(_number(_xls_value(cell, book.datemode)) for cell in sheet.row(number))
        yield ""


def _xls_value(cell: Any, datemode: int) -> object:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        with contextlib.suppress(xlrd.xldate.XLDateError, OverflowError, ValueError):
            return xlrd.xldate.xldate_as_datetime(cell.value, datemode)
    return cell.value


def _packed(payload: bytes) -> Iterable[str]:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        names = set(archive.namelist())
        word = min((name for name in names if _MAIN_PART.fullmatch(name)), default=None)
        if word:
            _check_unpacked(archive)
            yield from office_lines(parse(archive.read(word)))
        elif "xl/workbook.xml" in names:
            _check_unpacked(archive)
            yield from _xlsx(payload)
        elif "ppt/presentation.xml" in names:
            _check_unpacked(archive)
            yield from slides(archive)
        elif "content.xml" in names and "mimetype" in names:
            _check_unpacked(archive)
            yield from _open_document(archive)
        else:
            yield from (_file_name(info) for info in archive.infolist() if not info.is_dir())


def _file_name(info: zipfile.ZipInfo) -> str:
    """The name of a packed file; many programs write UTF-8 and do not say so."""
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


def _check_unpacked(archive: zipfile.ZipFile) -> None:
    if sum(info.file_size for info in archive.infolist()) > UNPACKED:
        raise TooBig
    if any(info.flag_bits & 1 for info in archive.infolist()):
        raise Encrypted


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
    yield from office_lines(parse(archive.read("content.xml")))


def _html(payload: bytes) -> Iterable[str]:
    yield html_text(payload)


def _web_archive(payload: bytes) -> Iterable[str]:
    yield web_archive_text(payload)


def _flat_xml(payload: bytes) -> Iterable[str]:
    yield from office_lines(parse(payload))


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
    """A cell as people see it: whole numbers without a decimal part, days in the order of Vietnam.

    Nothing for an empty cell.
    """
    if isinstance(value, datetime.date):
        timed = isinstance(value, datetime.datetime) and value.time() != datetime.time()
        return value.strftime("%d/%m/%Y %H:%M" if timed else "%d/%m/%Y")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)
