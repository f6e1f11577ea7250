"""`kontum serve`: the archive in a web browser, by Datasette with our plugin."""

import socket
import threading
import time
import webbrowser
from pathlib import Path

import click

from kontum_crawler.commands.options import archive_option
from kontum_crawler.commands.output import say
from kontum_crawler.errors import ArchiveError, KontumError, UsageError


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
    path = archive / "kontum.db"
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive here; `kontum crawl` or `demo` makes one")
    try:
        import uvicorn
        from datasette.app import Datasette
    except ImportError:
        raise UsageError(
            "Datasette is not installed; `pip install 'kontum-crawler[browse]'` brings it"
        ) from None
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
    datasette = Datasette([str(path)], settings={"num_sql_threads": 4})
    say(f"{path} at {address} (stop with Ctrl-C)")
    if open_browser:
        threading.Thread(target=_open, args=(address,), daemon=True).start()
    config = uvicorn.Config(datasette.app(), log_level="warning", lifespan="on")
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise KontumError(
            f"{host}:{port} cannot be listened on: {error.strerror}; choose another with --port"
        ) from error


def _open(address: str) -> None:
    time.sleep(1)
    webbrowser.open(address)
