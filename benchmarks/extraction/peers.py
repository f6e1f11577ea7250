"""The extractors we compare with, each as a function from HTML and address to body text.

They are imported when asked for, so that a missing one costs only its own line of the table.
"""

import logging
from collections.abc import Callable

Peer = Callable[[str, str], str]


def load(name: str) -> Peer:
    """The peer of that name. Raises ImportError when its package is not installed."""
    logging.disable(logging.CRITICAL)
    return PEERS[name]()


def _trafilatura(**options: bool) -> Peer:
    import trafilatura

    def answer(html: str, url: str) -> str:
        return trafilatura.extract(html, url=url, include_comments=False, **options) or ""

    return answer


def _resiliparse() -> Peer:
    from resiliparse.extract.html2text import extract_plain_text

    def answer(html: str, url: str) -> str:
        return extract_plain_text(html, main_content=True, alt_texts=False)

    return answer


def _readability() -> Peer:
    from lxml import html as lxml_html
    from readability import Document

    def answer(html: str, url: str) -> str:
        summary = Document(html).summary()
        return "\n".join(lxml_html.document_fromstring(summary).itertext())

    return answer


def _newspaper() -> Peer:
    import newspaper

    def answer(html: str, url: str) -> str:
        # Without this it would ask the pages' servers for their pictures.
        article = newspaper.Article(url, fetch_images=False)
        article.download(input_html=html)
        article.parse()
        return article.text or ""

    return answer


PEERS: dict[str, Callable[[], Peer]] = {
    "trafilatura fast": lambda: _trafilatura(fast=True),
    "trafilatura precision": lambda: _trafilatura(favor_precision=True),
    "trafilatura default": lambda: _trafilatura(),
    "resiliparse": _resiliparse,
    "readability-lxml": _readability,
    "newspaper4k": _newspaper,
}
