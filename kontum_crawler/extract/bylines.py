"""Who signs an article: authors, the office, the quoted outlet and the photographer of one line.

A line is cut at its labels («Tin, ảnh:», «Nguồn:»), each piece at dashes, commas and brackets, and
every part must be a person, an office, an outlet or a role; one part that is none of these makes
the whole line no byline. Rules: docs/bylines-dates-citations.md, cases: tests/data/bylines.json.
"""

import re

from kontum_crawler.extract.names import (
    is_account,
    is_heading,
    is_name,
    is_office,
    is_outlet,
    is_rank,
    is_role,
    site_of,
    without_titles,
)
from kontum_crawler.extract.stamps import stamps
from kontum_crawler.items import Byline
from kontum_crawler.text import clean, fold_blanks

LONGEST_LINE = 250
LONGEST_TAIL = 160
"""A byline glued to the last sentence is looked for in so many last characters."""

_PICTURE = r"(?:(?:hình|chùm)\s+)?ảnh|hình|video|clip|photo"
_TEXT = r"(?:tin|bài|nội\s+dung)(?:\s+viết)?"
_BOTH_LABEL = (
    rf"{_TEXT}(?:\s*(?:,|và|-|–|/|&|\+)\s*{_TEXT})*\s*(?:,|và|-|–|/|&|\+|\s)\s*(?:{_PICTURE})"
    rf"(?:\s*(?:,|và|-|–|/|&)\s*(?:{_PICTURE}))*"
)
_AUTHOR_LABEL = (
    rf"{_TEXT}(?:\s*(?:,|và|-|–|/|&|\s)\s*{_TEXT})*|(?:nhóm\s+)?tác\s+giả(?:\s+bài\s+viết)?"
    r"|(?:người\s+|nhóm\s+)?(?:viết|đưa\s+tin|thực\s+hiện|biên\s+soạn|tổng\s+hợp|sưu\s+tầm|dịch|soạn)"
    r"|biên\s+dịch|lược\s+(?:ghi|dịch)|ghi\s+chép|ghi|phóng\s+viên|pv|ctv|cộng\s+tác\s+viên|đăng\s+bởi"
    r"|by|author"
)
_SOURCE_LABEL = (
    r"(?:dẫn\s+|trích\s+)?nguồn(?:\s+tin|\s+bài(?:\s+viết)?|\s+trích(?:\s+dẫn)?|\s+tham\s+khảo)?"
    r"|theo|source"
)
_LABEL = re.compile(
    rf"(?:(?P<both>{_BOTH_LABEL})|(?P<photo>(?:nguồn\s+)?(?:{_PICTURE}))|(?P<source>{_SOURCE_LABEL})"
    rf"|(?P<author>{_AUTHOR_LABEL}))\s*:",
    re.I,
)
_BARE = re.compile(
    rf"(?P<both>(?i:{_BOTH_LABEL})(?=\s+[A-ZĐÀ-Ỹ]))"
    r"|(?P<author>(?:Bài(?: viết)?|Ghi chép|Tin) của(?=\s)"
    r"|(?:(?:[Vv]iết |[Đđ]ăng |[Đđ]ược đăng |[Gg]ửi )?(?:bởi|by)"
    r"|BỞI|By|(?:[Ww]ritten|[Pp]osted) by)(?=\s)|(?:Tin|Bài)(?=\s+[^\W\d_a-zđ]))"
    r"|(?P<source>(?:Trích nguồn|Dẫn nguồn|Nguồn|Theo|theo|THEO|NGUỒN)(?=\s))"
)
_ROLE_BRACKET = re.compile(
    r"(?:t/h|th|st|s/t|thực hiện|tổng hợp|sưu tầm|ghi|lược ghi|biên soạn|biên dịch|dịch"
    r"|thực hiện và tổng hợp|tổng hợp và biên soạn|pv|ctv|phóng viên|cộng tác viên|ảnh"
    r"|(?:(?:senior|staff|chief|political|guest|freelance|special)\s+)?(?:writer|reporter|editor"
    r"|correspondent|columnist|contributor))",
    re.I,
)
_DONE_BY = re.compile(
    r"([^,;:()]+?)\s+(?:sưu\s+tầm|st|tổng\s+hợp|t/h|thực\s+hiện|biên\s+soạn|biên\s+dịch|lược\s+ghi|ghi)",
    re.I,
)
"""A name and what that person did with the text, without brackets."""
_ADDRESS = re.compile(r"\s*[:(-]?\s*https?://\S+|\s*[.;]\s*(?:link|xem)\b.*", re.I)
_DASH = r"\s[-–—−]+\s?|\s?[-–—−]+\s|\s?[–—]\s?"
PARTS = re.compile(rf"({_DASH}|\s*[,;&+]\s*|\s+và\s+|\s*/\s*|\s*\n\s*)")
_TIGHT = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_a-zđ])")
_STOP = re.compile(r"(?:\./\.|[.!?…]+[”\"’»)]*|/\.)(?=\s)\s+(?=\S)")
_MAY_SIGN = re.compile(r"[:(]|Theo|Nguồn|[A-ZĐ]\.\Z")
"""What a byline that ends in a stop has; other ends of sentences need no closer look."""
_GLUED_LABEL = re.compile(rf"\s(?=(?:{_BOTH_LABEL})\s*:)", re.I)


def read_byline(line: str) -> Byline | None:
    """Read a line, or the names and the office below them, as a byline.

    `Byline.line` is the line as printed, label included, blanks folded; where the byline is glued
    to the end of a sentence it is the byline alone. All parts empty: a label that names nobody.
    Returns None for captions, footers, signatures of documents, account names and sentences.
    """
    text = clean(line).strip(" \t\n|•·*")
    if not text or len(text) > LONGEST_LINE:
        return None
    bare = undated(text)
    parts = _read(bare)
    if parts is None:
        glued = split_glued(clean(line))
        return glued[1] if glued else None
    parts.line = "\n".join(fold_blanks(row) for row in text.splitlines() if row.strip())
    return parts


def split_glued(block: str) -> tuple[str, Byline] | None:
    """Part a byline from the end of a block of the body.

    It stands on a last line of its own, behind a run of three blanks, behind the end of a sentence
    (`.`, `./.`), or begins with a label for text and picture. The block must have its blanks as on
    the page. Returns the block without it and the byline; None where there is none.
    """
    text = clean(block).rstrip()
    start = max(0, len(text) - LONGEST_TAIL)
    if text.endswith((".", ";", "…")) and not _MAY_SIGN.search(text, start):
        return None
    cuts = [(m.start(), m.end(), False) for m in re.finditer(r"\s*\n\s*", text[start:])]
    cuts += [(m.start(), m.end(), False) for m in re.finditer(r"[ \t]{3,}", text[start:])]
    cuts += [(m.end(), m.end(), True) for m in _STOP.finditer(text[start:])]
    cuts += [(m.start(), m.end(), False) for m in _GLUED_LABEL.finditer(text[start:])]
    for head_end, tail_start, sentence in sorted(cuts):
        head, tail = text[: start + head_end].rstrip(), text[start + tail_start :]
        if not head or (parts := _read(undated(tail))) is None:
            continue
        if not _stands_alone(parts) or (sentence and not _is_sure(parts, tail)):
            continue
        parts.line = fold_blanks(tail)
        return head, parts
    return None


def _stands_alone(parts: Byline) -> bool:
    """A photo credit at the end of a block belongs to a caption, not to the article."""
    return bool(parts.authors or parts.unit or parts.source)


def _is_sure(parts: Byline, tail: str) -> bool:
    """Behind the end of a sentence only names of two words, initials, or a label will do."""
    if _LABEL.match(tail.lstrip("(")) or tail.startswith("("):
        return True
    if parts.source and tail.startswith("Theo "):
        return is_outlet(parts.source)
    return bool(parts.authors) or bool(parts.unit and is_role(parts.unit))


def undated(text: str) -> str:
    """The line without a date and time in front or at the end."""
    for stamp in stamps(text):
        head, tail = text[: stamp.start], text[stamp.end :]
        if not tail.strip(" |,()-–"):
            return re.sub(r"(?:ngày|lúc)\s*\Z", "", head).strip(" |,-–•·(")
        if not head.strip(" |,()-–"):
            return tail.strip(" |,-–•·")
    return text


def _read(text: str) -> Byline | None:
    """The parts of a byline without its date; None where a part is nothing that signs."""
    text = text.strip(" \t|•·*-–")
    if text.startswith("(") and text.endswith(")") and text.count("(") == 1:
        text = text[1:-1].strip()
    if not text.isupper() and (done := _DONE_BY.fullmatch(text)) and is_name(done[1]):
        text = done[1]
    if is_heading(text) or is_rank(text):
        return None
    if re.search(r"[;…:]\Z|\./\.\Z", text) and not _LABEL.fullmatch(text):
        return None
    found = Byline()
    cuts = [m for m in _LABEL.finditer(text) if m.start() == 0 or not text[m.start() - 1].isalnum()]
    head = text[: cuts[0].start()].strip(" ,;.-–(/") if cuts else text
    if head:
        bare = _BARE.match(head)
        kind = (bare.lastgroup or "") if bare else ""
        rest = head[bare.end() :].strip() if bare else head
        labelled = bool(bare) and not head.lower().startswith(("tin", "bài"))
        if not _take(found, kind, rest, labelled=labelled):
            return None
    for number, cut in enumerate(cuts):
        end = cuts[number + 1].start() if number + 1 < len(cuts) else len(text)
        rest = text[cut.end() : end].strip(" ,;-–")
        if rest.count(")") != rest.count("("):
            rest = rest.strip(" ()")
        if rest and not _take(found, cut.lastgroup or "", rest, labelled=True):
            return None
    if not cuts and not (_stands_alone(found) or found.photo_by):
        return None
    return None if _names_only_accounts(text, cuts, found) else found


def _names_only_accounts(text: str, cuts: list[re.Match[str]], found: Byline) -> bool:
    if found.authors or found.unit or found.source or found.photo_by or not cuts:
        return False
    return bool(text[cuts[-1].end() :].strip()) or cuts[0].lastgroup in ("photo", "source")


def _take(found: Byline, kind: str, text: str, *, labelled: bool) -> bool:
    """Put one labelled piece into its fields; False where it is not what its label says."""
    if kind == "source":
        return _take_source(found, text)
    if kind != "photo" and text.endswith(".") and not re.search(r"[A-ZĐ]\.\Z", text):
        if not labelled:
            return False
        text = text.rstrip(".")
    people = Byline()
    if not _take_people(people, text.rstrip("."), labelled=labelled) and not (
        text.endswith(".") and _take_people(people := Byline(), text, labelled=labelled)
    ):
        return False
    if kind == "photo":
        found.photo_by += people.authors
        return bool(people.authors) or bool(found.authors or found.unit)
    found.authors += people.authors
    found.unit = found.unit or people.unit
    found.source = found.source or people.source
    if kind == "both" or re.search(rf"\((?:{_BOTH_LABEL})\)", text, re.I):
        found.photo_by += people.authors
    return True


def _take_source(found: Byline, text: str) -> bool:
    """An outlet, office or site; its address and «Link …» behind it are dropped."""
    name = _ADDRESS.sub("", text).strip(" .:()[]") or site_of(text.strip(" .()"))
    people, slash, outlet = name.partition("/")
    if slash and is_name(people.strip()) and is_outlet(outlet.strip()):
        found.authors.append(people.strip())
        name = outlet.strip()
    words = name.split()
    known = (
        is_outlet(name) or is_office(name) or name.lower() in ("internet", "sưu tầm", "tổng hợp")
    )
    if not known and (
        not words
        or len(words) > 8
        or not words[0][0].isupper()
        or re.search(r"[.!?;,]\s|\d|\b(?:số|ngày|đó|thì|là|đã|được)\b", name)
        or not all(word[0].isupper() or word in "và của tỉnh huyện điện tử" for word in words)
    ):
        return False
    found.source = found.source or site_of(name)
    return True


def _take_people(found: Byline, text: str, *, labelled: bool) -> bool:
    """Names, then the office, outlet or role that goes with them; False if a part is none."""
    if is_role(text):
        found.unit = found.unit or text.strip()
        return True
    text = without_titles(_take_brackets(found, re.sub(r"\s*\n\s*", "\n", text)))
    if not text:
        return bool(found.unit or found.source)
    if is_outlet(text):
        found.source = found.source or site_of(text)
        return True
    pieces = PARTS.split(text)
    position = 0
    for number in range(0, len(pieces), 2):
        part = pieces[number].strip()
        rest = text[position:].strip()
        position += len(pieces[number]) + len(
            pieces[number + 1] if number + 1 < len(pieces) else ""
        )
        if not part or (_ROLE_BRACKET.fullmatch(part) and not is_role(part)):
            continue
        name = without_titles(part)
        if name != part and is_outlet(name):
            found.source = found.source or name
            continue
        if is_office(rest):
            found.unit = found.unit or fold_blanks(rest)
            return True
        if is_outlet(rest):
            found.source = found.source or rest
            return True
        if is_role(name):
            found.unit = found.unit or name
        elif not is_account(name) and not _take_name(
            found, name, labelled=labelled or name != part
        ):
            return False
    return True


def _take_name(found: Byline, name: str, *, labelled: bool) -> bool:
    """One name, or two joined by a hyphen without blanks (`Cát Tiên-Văn Hiển`)."""
    names = [name]
    if "-" in name and all(" " in half and is_name(half) for half in _TIGHT.split(name)):
        names = _TIGHT.split(name)
    if not all(is_name(each, labelled=labelled) for each in names):
        return False
    found.authors += [each for each in names if each not in found.authors]
    return True


def _take_brackets(found: Byline, text: str) -> str:
    """Take what stands in brackets: an office, an outlet, a role; the text without them.

    Empty where a bracket holds anything else, for then the line is no byline.
    """
    for bracket in re.findall(r"[(\[]([^()\[\]]*)[)\]]", text):
        inner = bracket.strip()
        if _ROLE_BRACKET.fullmatch(inner) or re.fullmatch(_BOTH_LABEL, inner, re.I):
            continue
        if match := re.match(r"(?:nguồn(?: tin)?|theo)\s*:?\s+", inner, re.I):
            found.source = inner[match.end() :]
        elif is_outlet(inner):
            found.source = inner
        elif is_office(inner) or (inner[:1].isupper() and not re.search(r"\d", inner)):
            found.unit = inner
        else:
            found.unit = found.source = None
            return ""
    return re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*", " ", text).strip()
