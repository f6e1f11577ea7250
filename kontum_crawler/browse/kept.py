"""Figures over a whole archive, kept until its file changes."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from kontum_crawler.browse.host import file_of

Value = TypeVar("Value")

# {file: (its state, {name of the figures: the figures})}
_known: dict[str, tuple[Any, dict[str, Any]]] = {}
_keeping = threading.Lock()
_counting: dict[tuple[str, str], threading.Lock] = {}


def kept(connection: Any, name: str, count: Callable[[Any], Value]) -> Value:
    """What `count` says of an archive; it is asked again only when the archive was written to.

    name: of these figures, one for each question. Readers that ask at once share one count.
    """
    path = file_of(connection)
    if (value := _held(path, name)) is not None:
        return value  # type: ignore[no-any-return]
    with _counting.setdefault((str(path), name), threading.Lock()):
        if (value := _held(path, name)) is not None:
            return value  # type: ignore[no-any-return]
        # The state first: what is committed while we count makes the figures old, not wrong.
        state = _state(path)
        counted = count(connection)
        with _keeping:
            before, figures = _known.get(str(path), (None, {}))
            _known[str(path)] = (state, {**(figures if before == state else {}), name: counted})
        return counted


def _held(path: Path, name: str) -> Any:
    state, figures = _known.get(str(path), (None, {}))
    return figures.get(name) if state == _state(path) else None


def _state(path: Path) -> tuple[tuple[int, int], ...]:
    """What changes with every commit: time and size of the file and of its write-ahead log."""
    both = (path, path.with_name(f"{path.name}-wal"))
    found = (file.stat() for file in both if file.exists())
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in found)
