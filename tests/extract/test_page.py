"""A page as parsed: nothing that a browser shows is lost on the way."""

from kontum_crawler.extract.page import Page


def test_text_behind_the_end_of_the_document_is_read() -> None:
    page = Page(
        b"<html><body><p>x</p></body></html><a href='/a'>more</a>", "http://a.vn/", "text/html"
    )
    assert page.links() == ["http://a.vn/a"]
