"""Blocks of a story as HTML, in the manners in which editors of such portals leave them.

Styles: `p` paragraphs; `div` boxes; `br` text parted by two `<br>`; `word` pasted from a word
processor; `cell` inside a layout table; `hostile` with all that a page may try on its reader.
"""

import re
import unicodedata
from collections.abc import Callable
from html import escape

from . import shelf
from .story import MARK, Block, Items, Paragraph, Picture, Signature, Story, Table

TONES = "\u0300\u0301\u0303\u0309\u0323"
JUSTIFIED = 'style="text-align: justify; line-height: 150%;"'
WORD_SPAN = (
    '<span lang="VI" style="font-size:14.0pt;line-height:115%;'
    'font-family:&quot;Times New Roman&quot;">'
)


def inline(marked: str) -> str:
    """A marked text as HTML; a newline becomes a `<br />`."""
    pieces = []
    at = 0
    for found in MARK.finditer(marked):
        pieces += [escape(marked[at : found.start()], quote=False), _mark(found)]
        at = found.end()
    pieces.append(escape(marked[at:], quote=False))
    return "".join(pieces).replace("\n", "<br />\n")


def body(story: Story) -> str:
    """The blocks and the byline of a story, in its style of markup."""
    writer = WRITERS[story.style]
    blocks = list(story.blocks)
    tail = ""
    if story.signature.place == "glued" and story.signature.lines:
        last = blocks[-1]
        if not isinstance(last, Paragraph):
            raise ValueError(f"story {story.id}: no paragraph at the end for the byline to follow")
        tail = "&nbsp; " * 16 + f"<b>{escape(story.signature.lines[0], quote=False)}</b>"
    written = [writer(block) for block in blocks]
    if tail:
        written[-1] = writer(blocks[-1], tail)
    written.append(_byline(story.signature, story.style))
    html = "\n".join(part for part in written if part)
    return _hostile(html) if story.style == "hostile" else _framed(html, story.style)


def windows_1258(text: str) -> bytes:
    """Bytes of the Vietnamese code page: letters with their hat, tones as combining characters."""
    written = []
    for char in unicodedata.normalize("NFC", text):
        try:
            char.encode("cp1258")
            written.append(char)
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", char)
            letter = unicodedata.normalize("NFC", "".join(c for c in parts if c not in TONES))
            written.append(letter + "".join(c for c in parts if c in TONES))
    return "".join(written).encode("cp1258", "xmlcharrefreplace")


def _mark(found: re.Match[str]) -> str:
    if found[1] is not None:
        return inline(found[1])
    if found[2] is not None:
        return f"<strong>{inline(found[2])}</strong>"
    if found[3] is not None:
        return f"<sup>{inline(found[3])}</sup>"
    return f'<a href="{escape(found[5])}">{inline(found[4])}</a>'


def _paragraphs(block: Block, tail: str = "") -> str:
    if isinstance(block, Paragraph):
        return f"<p {JUSTIFIED}>{inline(block.text)}{tail}</p>"
    return _common(block)


def _boxes(block: Block, tail: str = "") -> str:
    if isinstance(block, Paragraph):
        return (
            f'<div style="text-align:justify">{inline(block.text)}{tail}</div>\n<div>&nbsp;</div>'
        )
    return _common(block)


def _breaks(block: Block, tail: str = "") -> str:
    if isinstance(block, Paragraph):
        return f"{inline(block.text)}{tail}<br />\n<br />"
    return _common(block)


def _word(block: Block, tail: str = "") -> str:
    if isinstance(block, Paragraph):
        text = inline(block.text).replace(" tỉnh ", " tỉnh&nbsp; ", 1).replace(", ", ",\u200b ", 1)
        text = text.replace("phương", "phư\u00adơng", 1)
        return (
            f'<p class="MsoNormal" style="margin-top:6.0pt;text-align:justify;text-indent:36.0pt">'
            f"{WORD_SPAN}{text}{tail}<o:p></o:p></span></p>"
        )
    if isinstance(block, Items):
        rows = "".join(
            f"<li class=MsoNormal>{WORD_SPAN}{inline(i)}<o:p></o:p></span></li>"
            for i in block.lines
        )
        return f"<ul type=disc>{rows}</ul>"
    return _common(block)


def _common(block: Block) -> str:
    if isinstance(block, Items):
        return "<ul>\n" + "\n".join(f"<li>{inline(line)}</li>" for line in block.lines) + "\n</ul>"
    if isinstance(block, Table):
        rows = "\n".join(
            "<tr>" + "".join(f"<td><p>{inline(cell)}</p></td>" for cell in row) + "</tr>"
            for row in block.rows
        )
        return (
            f'<table border="1" cellpadding="4" cellspacing="0"><tbody>\n{rows}\n</tbody></table>'
        )
    if isinstance(block, Picture):
        return _picture(block)
    raise TypeError(block)


def _picture(picture: Picture) -> str:
    image = f'<img src="/upload/hinh/{picture.file}" alt="" width="480" height="320" />'
    if picture.caption is None:
        return f'<p align="center">{image}</p>'
    caption = escape(picture.caption, quote=False)
    if picture.file.endswith(".jpg"):
        return (
            f'<table align="center" border="0" width="480"><tr><td>{image}</td></tr>'
            f'<tr><td align="center"><em>{caption}</em></td></tr></table>'
        )
    return f'<p align="center">{image}</p>\n<p align="center"><em>{caption}</em></p>'


def _byline(signature: Signature, style: str) -> str:
    if signature.place == "glued":
        return ""
    lines = [escape(line, quote=False) for line in signature.lines]
    if style == "br":
        return "\n".join(f'<div align="right"><b>{line}</b></div>' for line in lines)
    return "\n".join(f'<p style="text-align: right;"><strong>{line}</strong></p>' for line in lines)


def _framed(html: str, style: str) -> str:
    if style != "cell":
        return html
    cell = f'<td valign="top">\n{html}\n</td>'
    return f'<table width="100%" border="0"><tbody><tr>{cell}</tr></tbody></table>'


def _hostile(html: str) -> str:
    """The same text among everything that must neither run, be requested nor be read as text."""
    _, head, middle, foot = re.split(r"<!-- \w+ -->", shelf.text("hostile.html"))
    first, rest = html.split("</p>", 1)
    trap = r'\1<a href="javascript:alert(document.cookie)">\2</a>'
    rest = re.sub(r"(<p [^>]*>)(\S+ \S+)", trap, rest, count=1)
    return f"{head}{first}</p>{middle}{rest}{foot}"


WRITERS: dict[str, Callable[..., str]] = {
    "p": _paragraphs,
    "div": _boxes,
    "br": _breaks,
    "word": _word,
    "cell": _paragraphs,
    "hostile": _paragraphs,
}
