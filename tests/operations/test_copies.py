"""Print copies say less than their articles, every night; no look of the portal has changed."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from operations.stage import rows

from kontum_crawler.crawl import Outcome, choose_portals, crawl
from kontum_crawler.pipelines.session import Options

NUMBERS = range(8)
SENTENCE = "Ủy ban nhân dân xã tổ chức họp thôn, bàn việc làm đường và dạy nghề cho bà con. "


class _Site(BaseHTTPRequestHandler):
    """A site without validators; its print copies leave out day and author."""

    signed = True

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        titles = {f"/tin-tuc/hop-thon-lan-thu-{n}.html": f"Họp thôn lần thứ {n}" for n in NUMBERS}
        if path == "/":
            body = "".join(f'<p><a href="{at}">{title}</a></p>' for at, title in titles.items())
        elif path in titles:
            text = "".join(f"<p>{SENTENCE * 3}Lần {part} của {path}.</p>" for part in "ab")
            body = f"<h1>{titles[path]}</h1>"
            if not query:
                signed = "<p>Tác giả: A Lăng</p>" if self.signed else ""
                body += f"<p>12/03/2024 08:30</p>{text}{signed}<a href='{path}?print=1'>In</a>"
            else:
                body += text
        else:
            self.send_error(404)
            return
        title = titles.get(path, "Xã A")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<title>{title}</title><body>{body}</body>".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def _night(site: str, archive: Path, *, full: bool = False) -> Outcome:
    portals, start_urls = choose_portals(archive, (site,))
    options = Options(full=full, start_urls=start_urls, named_hosts=("127.0.0.1",))
    return crawl(archive, portals, options)


def test_print_copies_without_a_byline_raise_no_alarm(site: str, tmp_path: Path) -> None:
    first = _night(site, tmp_path)
    again = _night(site, tmp_path, full=True)
    copies = rows(tmp_path, "SELECT url FROM captures WHERE status = 200 AND url LIKE '%print=1'")
    assert len(copies) == 2 * len(NUMBERS)
    assert (first.counts["articles_new"], again.counts["articles_unchanged"]) == (8, 8)
    assert (again.exit_code, rows(tmp_path, "SELECT message FROM problems")) == (0, [])


def test_articles_beside_print_copies_are_guarded_all_the_same(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _night(site, tmp_path)
    monkeypatch.setattr(_Site, "signed", False)
    assert _night(site, tmp_path, full=True).exit_code == 3
    assert rows(tmp_path, "SELECT DISTINCT byline FROM articles") == [("Tác giả: A Lăng",)]


def test_an_article_of_an_unknown_site_keeps_the_port(site: str, tmp_path: Path) -> None:
    _night(site, tmp_path)
    stored = {url for (url,) in rows(tmp_path, "SELECT url FROM articles")}
    assert stored == {f"{site}tin-tuc/hop-thon-lan-thu-{number}.html" for number in NUMBERS}
