"""Extraction: bytes of a page and its portal in, an article out; pure, without files or network."""

from kontum_crawler.extract.article import Seen, examine, extract
from kontum_crawler.extract.page import Page

__all__ = ["Page", "Seen", "examine", "extract"]
