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


def test_what_the_forgiving_parser_refuses_is_read_all_the_same() -> None:
    text = "Huyện tổ chức khai mạc giải bóng chuyền. " * 40
    page = Page(f"<title>x<![CDATANg]<p>{text}</p>".encode(), "http://a.vn/")
    assert "khai mạc giải" in "".join(str(part) for part in page.tree.itertext())


def test_addresses_that_are_none_do_no_harm() -> None:
    page = Page(b"<base href='http://[banner]/'><a href='http://[x'>a</a>b", "http://a.vn/tin/")
    assert (page.base, page.links()) == ("http://a.vn/tin/", [])
