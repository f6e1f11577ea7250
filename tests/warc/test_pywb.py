"""What we pack, pywb replays: the reference page, byte for byte, and what later runs repeat."""

import gzip
import hashlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from kontum_crawler.sample import Sample
from kontum_crawler.store import Archive

BIN = Path(sys.executable).parent


def kontum(*arguments: str, allowed: tuple[int, ...] = (0,)) -> None:
    command = [sys.executable, "-m", "kontum_crawler", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode in allowed, ended.stderr


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample portal crawled on two days, the second time with validators."""
    folder = tmp_path_factory.mktemp("replay") / "archive"
    with Sample(articles=60, day=1) as sample:
        crawl = ["crawl", "kkt", "--base-url", sample.base, "--archive", str(folder), "--quiet"]
        kontum(*crawl, allowed=(3,))
        sample.day = 2
        time.sleep(1)  # WARC-Date counts whole seconds; the days must differ in it.
        kontum(*crawl, "--full", allowed=(3,))
    return folder


@pytest.fixture(scope="module")
def replay(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a collection in a real pywb that holds the archive's WACZ."""
    if not (BIN / "wayback").exists():
        pytest.skip("pywb is missing; it is in the extra `dev`")
    folder = tmp_path_factory.mktemp("pywb")
    package = folder / "all.wacz"
    kontum("export", "--archive", str(archive), "--format", "wacz", "--output", str(package))
    for step in (["init", "kkt"], ["add", "kkt", str(package), "--unpack-wacz"]):
        subprocess.run([BIN / "wb-manager", *step], cwd=folder, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "pywb.log").open("wb") as log:
        command = [str(BIN / "wayback"), "--port", str(port), "--bind", "127.0.0.1"]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _wait_for(port, server, folder / "pywb.log")
            yield f"http://127.0.0.1:{port}/kkt"
        finally:
            server.terminate()
            server.wait(10)
            shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def replayed(replay: str, digits: str, url: str) -> tuple[int, str, bytes]:
    """Status, Memento-Datetime and payload of one capture as pywb gives it back."""
    request = Request(f"{replay}/{digits}id_/{url}", headers={"Accept-Encoding": "gzip"})
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers.get("Memento-Datetime", ""), answer.read()
    except HTTPError as error:
        return error.code, error.headers.get("Memento-Datetime", ""), error.read()


def test_pywb_replays_the_reference_page_byte_for_byte(archive: Path, replay: str) -> None:
    with Archive.open(archive) as held:
        article = held.article("ket-qua-to-chuc-cac-hoat-dong-huong-ung-“thang-hanh-dong-vi-tre-em"
                               "-nam-2024”-tai-ban-quan-ly-khu-kinh-te-tinh-kon-tum")  # fmt: skip
        capture = article.capture()
        digits = "".join(letter for letter in capture.row["fetched_at"] if letter.isdigit())
        status, moment, payload = replayed(replay, digits, capture.row["url"])
    assert (status, bool(moment)) == (200, True)
    assert gzip.decompress(payload) == capture.payload


def test_pywb_shows_a_page_that_was_not_modified(archive: Path, replay: str) -> None:
    """A 304 of the second day replays as the page of the first."""
    assert _repeats(archive, 304, 5) == [
        played(replay, url, fetched_at) for url, fetched_at in _asked(archive, 304, 5)
    ]


def test_pywb_replays_a_payload_that_came_again(archive: Path, replay: str) -> None:
    """A revisit of the same payload replays under its own time."""
    wanted = _repeats(archive, 200, 1)
    assert len(wanted) == 1
    assert wanted == [played(replay, url, at) for url, at in _asked(archive, 200, 1)]


REPEATS = """
    SELECT c.url, c.fetched_at, o.payload_digest FROM captures AS c
    JOIN captures AS o ON o.id = c.revisit_of
    WHERE o.status = 200 AND o.media_type IN ('text/html', 'image/jpeg', 'text/plain')
    AND (c.id IN (SELECT id FROM captures WHERE status = 304)) = (:status = 304)
    ORDER BY c.id LIMIT :limit
"""


def _rows(archive: Path, status: int, limit: int) -> list[tuple[str, str, str]]:
    with Archive.open(archive) as held:
        values = {"status": status, "limit": limit}
        return [(row[0], row[1], row[2]) for row in held.db.execute(REPEATS, values)]


def _repeats(archive: Path, status: int, limit: int) -> list[tuple[int, str]]:
    return [(200, digest) for _, _, digest in _rows(archive, status, limit)]


def _asked(archive: Path, status: int, limit: int) -> list[tuple[str, str]]:
    return [(url, at) for url, at, _ in _rows(archive, status, limit)]


def played(replay: str, url: str, fetched_at: str) -> tuple[int, str]:
    """Status of the capture nearest to that second, and the digest of its payload as sent."""
    digits = "".join(letter for letter in fetched_at if letter.isdigit())
    status, moment, payload = replayed(replay, digits, url)
    assert moment, f"pywb has no capture of {url} at {digits}"
    return status, f"sha256:{hashlib.sha256(payload).hexdigest()}"
