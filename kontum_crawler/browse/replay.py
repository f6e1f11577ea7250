"""A captured page made safe to look at: what it looked like, without anything that acts.

The policy that it is served with (safety.CAPTURED) already lets nothing run and asks nobody
outside; here what could act is taken out as well, so that a saved copy is as harmless, and pictures
and style sheets are pointed at their captures.
"""

import re
from collections.abc import Callable
from urllib.parse import urljoin

import lxml.html
from lxml import etree

ACTING = (
    "script", "noscript", "iframe", "frame", "frameset", "object", "embed", "applet", "base",
    "portal", "template", "audio", "video", "source", "track", "animate", "set",
    "animatemotion", "animatetransform", "handler", "listener", "foreignobject", "use",
)  # fmt: skip
LOADED = {"img": "src", "input": "src", "body": "background", "table": "background",
          "td": "background", "tr": "background", "th": "background"}  # fmt: skip
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "background", "longdesc",
             "cite", "codebase", "classid", "lowsrc", "dynsrc", "ping", "manifest", "profile",
             "usemap", "srcset", "srcdoc", "xlink:href", "attributionsrc")  # fmt: skip
INNER = ("href", "xlink:href", "usemap")
"""Addresses that may name a part of the same page: a gradient, the areas of a picture."""

STRING = r"""(?:"(?:[^"\\\n\r\f]|\\.)*"?|'(?:[^'\\\n\r\f]|\\.)*'?)"""
# What is cut off at the end of a sheet is closed there by a browser, and loads all the same.
IN_STYLE = re.compile(
    r"(?P<comment>/\*.*?(?:\*/|\Z))"
    rf"|\burl\(\s*(?:(?P<quoted>{STRING})[^)]*|(?P<bare>(?:[^)\\]|\\.)*))(?:\)|\Z)"
    rf"|@import(?:\s|/\*.*?\*/)*(?P<imported>{STRING})|(?P<string>{STRING})"
    r"|(?P<choice>(?:-webkit-)?\b(?:image-set|src|image)\()",
    re.I | re.S,
)
ESCAPED = re.compile(r"\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\r\n\f])?|(.))", re.I | re.S)
DANGEROUS = re.compile(r"expression\s*\([^;}]*|-moz-binding|behavior\s*:|javascript:", re.I)
INLINE_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|avif|bmp|x-icon)[;,]", re.I)


def safe_page(
    html: str, url: str, requisite: Callable[[str], str], other_page: Callable[[str], str]
) -> str:
    """The page without scripts, handlers, frames, forms that send, refreshes and outside loads.

    html: the decoded page; url: its address. requisite: where the capture of a picture or style
    sheet is served; other_page: where the capture of a linked page is.
    """
    # `html` is text already; a declaration of another coding inside it would make lxml refuse it.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", html).replace("\0", "")
    try:
        tree = lxml.html.document_fromstring(text or "<p></p>", parser=_parser())
    except (etree.ParserError, ValueError):
        tree = lxml.html.document_fromstring("<p></p>")
    _clean(tree, url, requisite, other_page)
    return f"<!DOCTYPE html>\n{lxml.html.tostring(tree, encoding='unicode')}"


def safe_drawing(
    svg: bytes, url: str, requisite: Callable[[str], str], other_page: Callable[[str], str]
) -> bytes:
    """An SVG picture without scripts, handlers and outside loads; an empty one for what is none."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True,
        remove_comments=True, huge_tree=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(svg, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or _name(root) in (*ACTING, "html"):
        return b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    _clean(root, url, requisite, other_page)
    return etree.tostring(root, encoding="utf-8")


def safe_style(css: str, url: str, requisite: Callable[[str], str]) -> str:
    """A style sheet whose loads point at captures, or at nothing."""

    def held(match: re.Match[str]) -> str:
        if match["comment"] is not None:
            return "/**/"
        if match["string"] is not None:
            return match["string"]
        if match["choice"] is not None:
            return "none("  # A browser passes over the declaration and takes the one before it.
        written = match["imported"] or match["quoted"]
        address = written[1:].removesuffix(written[0]) if written else match["bare"] or ""
        address = ESCAPED.sub(_unescaped, address).strip()
        if match["imported"] is None and (address.startswith("#") or INLINE_PICTURE.match(address)):
            return f'url("{_quoted(address)}")'
        target = _absolute(url, address)
        found = _quoted(requisite(target) if target else "about:invalid")
        return f'url("{found}")' if match["imported"] is None else f'@import "{found}"'

    plain = DANGEROUS.sub("", ESCAPED.sub(_letters, css))
    return IN_STYLE.sub(held, plain).replace("<", "\\3c ")


def _letters(match: re.Match[str]) -> str:
    """An escape as its letter, where that means the same: `u\\72l(` is `url(`."""
    letter = _unescaped(match)
    if letter.isascii() and letter.isalpha():
        return letter
    return f"\\{match[1]} " if match[1] else match[0]


def _unescaped(match: re.Match[str]) -> str:
    """The character of an escape. Source: CSS Syntax Level 3, clause 4.3.7."""
    if match[1] is None:
        return "" if match[2] == "\n" else match[2]
    point = int(match[1], 16)
    return chr(point) if 0 < point < 0xD800 or 0xDFFF < point <= 0x10FFFF else "\ufffd"


def _quoted(address: str) -> str:
    return re.sub(r'["\\\s]', lambda found: f"%{ord(found[0]):02X}", address)


def _clean(
    tree: etree._Element,
    url: str,
    requisite: Callable[[str], str],
    other_page: Callable[[str], str],
) -> None:
    for element in list(tree.iter()):
        name = _name(element)
        if name in ("", *ACTING) or (name == "meta" and element.get("http-equiv")):
            _remove(element)
        elif name == "link":
            _link(element, url, requisite)
        elif name == "style":
            element.text = safe_style(element.text or "", url, requisite)
        else:
            _attributes(element, name, url, requisite, other_page)


def _name(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for a comment and its like."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _parser() -> lxml.html.HTMLParser:
    return lxml.html.HTMLParser(huge_tree=True, remove_comments=True)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _link(element: etree._Element, url: str, requisite: Callable[[str], str]) -> None:
    target = _absolute(url, element.get("href"))
    if target is None or "stylesheet" not in (element.get("rel") or "").lower().split():
        _remove(element)
        return
    element.attrib.clear()
    element.set("rel", "stylesheet")
    element.set("href", requisite(target))


def _attributes(
    element: etree._Element,
    name: str,
    url: str,
    requisite: Callable[[str], str],
    other_page: Callable[[str], str],
) -> None:
    held = {}
    if name in LOADED and (source := element.get(LOADED[name])):
        if name == "img" and INLINE_PICTURE.match(source.strip()):
            held["src"] = source.strip()
        elif target := _absolute(url, source):
            held[LOADED[name]] = requisite(target)
    if name in ("a", "area"):
        href = (element.get("href") or "").strip()
        if href.startswith("#"):
            held["href"] = href
        elif target := _absolute(url, href):
            # Out of the frame, so that the banner above it tells of the capture that is shown.
            held |= {"href": other_page(target), "target": "_top"}
    if style := element.get("style"):
        held["style"] = safe_style(style, url, requisite)
    for attribute, written in list(element.attrib.items()):
        value = str(written)
        local = str(attribute).rpartition("}")[2].lower()
        if local in INNER and value.startswith("#"):
            continue
        if local.startswith("on") or local in ADDRESSES or local in ("style", "target"):
            del element.attrib[attribute]
        elif "url(" in ESCAPED.sub(_letters, value).lower():  # The fill of a drawing, its filter.
            element.set(attribute, safe_style(value, url, requisite))
    for attribute, value in held.items():
        element.set(attribute, value)


def _absolute(url: str, target: str | None) -> str | None:
    """The absolute http address of a link, or None for any other kind."""
    if not target:
        return None
    try:
        absolute = urljoin(url, re.sub(r"[\x00-\x20]+", "", target))
    except ValueError:
        return None
    return absolute if absolute.lower().startswith(("http://", "https://")) else None
