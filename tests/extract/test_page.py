"""A page as parsed: nothing that a browser shows is lost on the way."""

from kontum_crawler.extract.page import Page


def test_text_behind_the_end_of_the_document_is_read() -> None:
    page = Page(
        b"<html><body><p>x</p></body></html><a href='/a'>more</a>", "http://a.vn/", "text/html"
    )
    assert page.links() == ["http://a.vn/a"]


def test_feeds_that_a_page_announces_are_links_but_not_those_of_comments() -> None:
    feeds = "".join(
        f"<link rel='alternate' type='application/rss+xml' href='{href}'>"
        for href in ("/rss/tin-tuc.rss", "/comments/feed/", "/tin/bai-viet/feed/")
    )
    page = Page(
        f"<html><head>{feeds}</head><body>x</body></html>".encode(), "http://a.vn/tin/bai-viet/"
    )
    assert page.links() == ["http://a.vn/rss/tin-tuc.rss"]
    front = Page(f"<html><head>{feeds}</head><body>x</body></html>".encode(), "http://a.vn/")
    assert "http://a.vn/rss/tin-tuc.rss" in front.links()
