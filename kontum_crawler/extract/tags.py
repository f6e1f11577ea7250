"""Elements, and names of elements by what they do to text."""

from lxml import etree

Element = etree._Element
"""An element of a parsed page; lxml's plain one, which is made faster than lxml.html's."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SILENT = _names(
    """script style noscript template head title meta link iframe object embed applet video audio
    svg canvas map input select option optgroup button textarea datalist progress rt rp math"""
)
"""Elements whose content is no text of the page."""

BREAKS = _names(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset
    figure figcaption footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol
    p pre section summary table tbody td tfoot th thead tr ul"""
)
"""Elements that begin and end a block."""

HEADINGS = _names("h1 h2 h3 h4 h5 h6")
PICTURES = _names("img amp-img")
FILMS = _names("iframe object embed video audio")
STYLED = HEADINGS | _names("b strong th i em cite center pre figcaption a p div td span dd")
"""Elements that may change how text inside them looks, without a style attribute."""

VOID = _names("area base basefont bgsound col embed frame param source track wbr")
UNSEEN = _names("script style noscript template head title")

HIDDEN_CLASSES = _names("hidden hide d-none visually-hidden sr-only screen-reader-text")
"""Classes by which stock style sheets (Bootstrap, WordPress) hide an element."""
