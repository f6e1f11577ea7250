"""`kontum serve`: the archive in a web browser, by Datasette with our plugin."""

import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

import click

from kontum_crawler.commands.options import archive_option
from kontum_crawler.commands.output import say
from kontum_crawler.errors import ArchiveError, KontumError, UsageError
from kontum_crawler.store import database


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True)
@click.option("--open", "open_browser", is_flag=True, help="Open it in the web browser.")
@archive_option
def serve(host: str, port: int, open_browser: bool, archive: Path) -> None:
    """Browse the archive in a web browser.

    Reads only, also while a crawl writes. `datasette DIR/kontum.db` shows the same where this
    package is installed beside Datasette.

    \b
    Examples:
      kontum serve --archive data/demo --open
      kontum serve --host 127.0.0.1 --port 8080
    """
    path = archive / database.NAME
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive here; `kontum crawl` or `demo` makes one")
    database.open_to_read(path).close()
    try:
        import uvicorn
        from datasette.app import Datasette

        from kontum_crawler.browse.stock import settings_for
    except ImportError:
        raise UsageError(
            "Datasette is not installed; `pip install 'kontum-crawler[browse]'` brings it"
        ) from None
    listener = _listen(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"
    datasette = Datasette([str(path)], settings={"num_sql_threads": 4}, **settings_for(path.stem))
    say(f"{path} at {address} (stop with Ctrl-C)")
    server = uvicorn.Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="on"))
    if open_browser:
        threading.Thread(target=_open, args=(server, address), daemon=True).start()
    server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise KontumError(
            f"{host}:{port} cannot be listened on: {error.strerror}; choose another with --port"
        ) from error


def _open(server: Any, address: str) -> None:
    wait = threading.Event()
    while not server.started:
        if server.should_exit or wait.wait(0.05):
            return
    webbrowser.open(address)
