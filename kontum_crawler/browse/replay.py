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
             "usemap", "srcset", "srcdoc", "xlink:href")  # fmt: skip
IN_STYLE = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)|@import\s+(['\"])(.*?)\3", re.I | re.S)
DANGEROUS = re.compile(r"expression\s*\([^;}]*|-moz-binding|behavior\s*:|javascript:", re.I)


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
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            _remove(element)
            continue
        name = element.tag.rpartition("}")[2].rpartition(":")[2].lower()
        if name in ACTING or (name == "meta" and element.get("http-equiv")):
            _remove(element)
        elif name == "link":
            _link(element, url, requisite)
        elif name == "style":
            element.text = safe_style(element.text or "", url, requisite)
        else:
            _attributes(element, name, url, requisite, other_page)
    return f"<!DOCTYPE html>\n{lxml.html.tostring(tree, encoding='unicode')}"


def safe_style(css: str, url: str, requisite: Callable[[str], str]) -> str:
    """A style sheet whose loads point at captures, or at nothing."""

    def held(match: re.Match[str]) -> str:
        target = _absolute(url, match[2] if match[2] is not None else match[4])
        address = requisite(target) if target else "about:invalid"
        quoted = address.replace('"', "%22")
        return f'@import "{quoted}"' if match[4] is not None else f'url("{quoted}")'

    return IN_STYLE.sub(held, DANGEROUS.sub("", css)).replace("<", "\\3c ")


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
    if name in LOADED and (target := _absolute(url, element.get(LOADED[name]))):
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
    for attribute in list(element.attrib):
        local = str(attribute).rpartition("}")[2].lower()
        if local.startswith("on") or local in ADDRESSES or local in ("style", "target"):
            del element.attrib[attribute]
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
