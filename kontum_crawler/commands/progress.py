"""A bar for the person at the terminal; nothing in a pipe, under cron or with --quiet."""

import contextlib
import sys
from collections.abc import Callable, Iterator

Show = Callable[[str, int, int], None]


@contextlib.contextmanager
def bar(*, quiet: bool = False) -> Iterator[Show]:
    """Gives `show(what, done, total)`; the bar is on stderr and goes away at the end."""
    if quiet or not sys.stderr.isatty():
        yield _nothing
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total or None)

        yield show


def _nothing(what: str, done: int, total: int) -> None:
    return
