"""docs/adding-a-portal.md is followed to the letter: its commands, its file, and nothing else."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "adding-a-portal.md").read_text("utf-8")
PAGE = ROOT / "tests" / "pages" / "stnmt" / "cms-field-byline.html"
SITE = "https://mysite.example.vn"
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


class _Site(BaseHTTPRequestHandler):
    """A site of NukeViet with one article, and an address that leads away."""

    def do_GET(self) -> None:
        if self.path == "/di-noi-khac":
            self.send_response(302)
            self.send_header("Location", "http://169.254.1.1/anh")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(PAGE.read_bytes())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the walk needs of a clone."""
    shutil.copytree(ROOT / "kontum_crawler", tmp_path / "kontum_crawler", ignore=SKIPPED)
    shutil.copytree(ROOT / "tests" / "pages", tmp_path / "tests" / "pages", ignore=SKIPPED)
    (tmp_path / "tests" / "extract").mkdir()
    for name in ("pyproject.toml", "README.md", "tests/extract/test_pages.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    words = shlex.split(command)
    modules = {"kontum": "kontum_crawler", "pytest": "pytest"}
    if words[0] in modules:
        words = [sys.executable, "-m", modules[words[0]], *words[1:]]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )


def _blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", DOC, re.M | re.S)
    return [re.sub(rf"^{indent}", "", text, flags=re.M) for indent, text in found]


def _files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", ".pytest_cache"} & set(path.parts)
    }


def test_the_walk_ends_with_a_portal_that_its_test_proves(site: str, checkout: Path) -> None:
    before = _files(checkout)
    (file,) = _blocks("toml")
    assert len(file.splitlines()) < 40
    target = re.search(r"\*\*Write\*\* `([^`]+)`", DOC)
    assert target is not None
    commands = [line for block in _blocks("sh") for line in block.splitlines()]
    assert [command.split()[0] for command in commands] == [
        *("kontum", "kontum", "kontum", "mv", "pytest")
    ]
    for number, command in enumerate(commands):
        if number == 1:
            text = file.replace("mysite.example.vn", "127.0.0.1")
            (checkout / target[1]).write_text(text, "utf-8")
        run = _run(command.replace(SITE, site), checkout)
        assert run.returncode == 0, f"{command}\n{run.stdout}{run.stderr}"
        if number == 0:
            assert "family: nukeviet" in run.stdout
    assert _files(checkout) - before == {
        "kontum_crawler/portals/mysite.toml",
        "tests/pages/mysite/mot-bai-viet-123.html",
        "tests/pages/mysite/mot-bai-viet-123.json",
    }


def test_a_key_is_proposed_where_no_file_names_the_host(tmp_path: Path) -> None:
    url = f"{SITE}/tin-tuc/mot-bai-viet-123.html"
    run = _run(
        f"kontum extract {PAGE} --url {url} --save {tmp_path}/pages --archive {tmp_path}", ROOT
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "pages" / "mysite" / "cms-field-byline.json.new").is_file()
    assert "«mysite»" in run.stderr


def test_a_redirect_to_another_host_is_not_followed(site: str, tmp_path: Path) -> None:
    run = _run(f"kontum extract {site}/di-noi-khac --json --archive {tmp_path}", ROOT)
    assert run.returncode == 1
    assert "leads to another host, http://169.254.1.1/anh; it was not followed" in run.stderr
