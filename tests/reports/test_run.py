"""What a run tells a person: three forms of one report, figures, and messages to real servers."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from lxml import html as lxml_html
from scene import Scene

from kontum_crawler import clock
from kontum_crawler.reports.aftermath import conclude_run, keep_report
from kontum_crawler.reports.metrics import as_metrics
from kontum_crawler.reports.notification import notify
from kontum_crawler.reports.run import Report, as_html, as_markdown, as_text, report_of
from kontum_crawler.store import Archive
from kontum_crawler.store.config import Config, Notify
from kontum_crawler.store.drift import Finding, tell

NASTY = '<script>alert(1)</script> | *a* [b](javascript:c) & "d"'
PAGE = "http://kkt.kontum.gov.vn/tin-tuc.p-1.html"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "archive", write=True, create=True) as opened:
        yield opened


def night(archive: Archive, *, drifting: bool = False, outcome: str = "problems") -> Report:
    """A run that found one article with a nasty title, and its report."""
    run = archive.begin_run("crawl", "kkt")
    now = clock.utc(clock.now())
    Scene(archive).show(PAGE, now, title=NASTY, run=run.key)
    archive.problem(PAGE, "extract", f"soft-404: {NASTY}", run.id)
    if drifting:
        tell(archive.db, run.id, Finding("kkt", "byline", "found on 0 of 9 pages", PAGE))
    archive.end_run(run, outcome, {"requests": 12, "articles_new": 1, "seconds": 2.5})
    return report_of(archive, run.id, clock.now())


class Mailbox:
    """A mail server on loopback that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 box\r\n")
        while line := await reader.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                writer.write(b"354 go\r\n")
                text = await reader.readuntil(b"\r\n.\r\n")
                self.messages.append(text.decode())
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            writer.write(b"250 box\r\n" if word != b"DATA" else b"250 kept\r\n")
        await writer.drain()
        writer.close()

    @contextmanager
    def open(self) -> Iterator["Mailbox"]:
        ready, loop = threading.Event(), asyncio.new_event_loop()

        async def run() -> None:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            async with server:
                await server.serve_forever()

        task = loop.create_task(run())
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        ready.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(task.cancel)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)


@contextmanager
def web_server(status: int = 200) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address that takes POST, and what it was sent."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/s3cret-t0ken", got
    finally:
        server.shutdown()
        server.server_close()


def test_html_shows_text_of_portals_as_text(archive: Archive) -> None:
    page = lxml_html.fromstring(as_html(night(archive, drifting=True)))
    assert page.xpath("//script | //*[@onerror]") == []
    assert NASTY in page.xpath("string(//body)")
    assert page.xpath("//a/@href")[0].startswith("http://kkt.kontum.gov.vn/")


def test_markdown_keeps_its_tables_whole(archive: Archive) -> None:
    text = as_markdown(night(archive))
    row = next(line for line in text.splitlines() if "script" in line and "kkt" in line)
    assert row.replace("\\|", "").count("|") == 4
    assert "<script>" not in text and "[b]" not in text.replace("\\[b\\]", "")


def test_every_form_tells_the_same(archive: Archive) -> None:
    report = night(archive, drifting=True)
    assert report.urgent == [f"kkt: byline: found on 0 of 9 pages: {PAGE}"]
    for form in (as_text, as_markdown, as_html):
        text = form(report)
        assert "byline" in text and "0 of 9" in text and "soft-404" in text


def test_figures_are_what_prometheus_reads(archive: Archive) -> None:
    lines = as_metrics(night(archive, drifting=True)).splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values["kontum_run_articles_new"] == "1"
    assert values['kontum_run_outcome{outcome="problems"}'] == "1"
    assert values['kontum_portal_drifting_fields{portal="kkt"}'] == "1"
    assert all(float(value) >= 0 for value in values.values())
    assert len({line for line in lines if line.startswith("# TYPE")}) == len(
        [line for line in lines if line.startswith("# TYPE")]
    )


def test_nobody_is_told_of_a_good_night(archive: Archive) -> None:
    report = night(archive)
    with web_server() as (url, got):
        assert notify(report, Notify(webhook=url, ntfy=url)) == []
    assert got == []


def test_trouble_is_told_by_mail_webhook_and_ntfy(archive: Archive) -> None:
    report = night(archive, drifting=True)
    with Mailbox().open() as box, web_server() as (url, got):
        wanted = Notify(email="a@kontum.test", smtp=f"127.0.0.1:{box.port}", webhook=url, ntfy=url)
        assert notify(report, wanted) == []
    (mail,) = box.messages
    assert "To: a@kontum.test" in mail and "byline" in mail
    (_, body), (headers, message) = got
    assert json.loads(body)["urgent"] == report.urgent
    assert headers["Title"] == report.title and b"byline" in message


def test_a_failed_message_is_told_without_its_secret(archive: Archive) -> None:
    report = night(archive, outcome="failed")
    with web_server(status=500) as (url, _):
        told = notify(report, Notify(webhook=url, email="a@b.test", smtp="127.0.0.1:1"))
    assert [line.split(":")[0] for line in told] == ["mail", "webhook"]
    assert "s3cret" not in " ".join(told)


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/", "http://[::1/"])
def test_a_webhook_that_is_no_address_ends_no_run(archive: Archive, url: str) -> None:
    told = notify(night(archive, outcome="failed"), Notify(webhook=url))
    assert len(told) == 1 and told[0].startswith("webhook: ")


def test_the_end_of_a_run_keeps_report_and_figures(archive: Archive) -> None:
    begun = clock.now()
    night(archive, drifting=True)
    with web_server() as (url, got):
        config = Config(metrics_file="kontum.prom", notify=Notify(webhook=url))
        conclude_run(archive.folder, config, begun)
    names = sorted(path.suffix for path in (archive.folder / "reports").iterdir())
    assert names == [".html", ".md", ".txt"]
    assert "kontum_run_requests 12" in (archive.folder / "kontum.prom").read_text()
    assert len(got) == 1


def test_old_reports_and_problems_are_dropped(archive: Archive) -> None:
    begun = clock.now()
    for _ in range(4):
        report = night(archive)
        keep_report(archive.folder / "reports", report, keep=2)
    conclude_run(archive.folder, Config(keep_runs=2, keep_problems=1), begun)
    assert len(list((archive.folder / "reports").glob("*.txt"))) == 2
    assert archive.db.execute("SELECT DISTINCT run_id FROM problems").fetchall()[0][0] == 4
