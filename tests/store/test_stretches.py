"""Reading in stretches gives what reading from the first byte on gives, wherever they are cut."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from cabinet import BROKEN, SOUND, Case, members, page, record, write

from kontum_crawler.store.intake import stretches
from kontum_crawler.store.intake.answering import Answerer
from kontum_crawler.store.intake.stretches import Readers
from kontum_crawler.warc.reader import records
from kontum_crawler.warc.records import Fault, Record

CASES = [case for case in (*SOUND, *BROKEN) if case.name != "zip bomb"]


class Here(Answerer):
    """Does at once, in this process, what others would do."""

    def submit(self, work: Callable[..., Any], what: Any) -> "Future[Any]":
        made: Future[Any] = Future()
        try:
            made.set_result(work(self.portals, what))
        except OSError as error:
            made.set_exception(error)
        return made


def read(folder: Path, names: list[str]) -> list[tuple[Any, ...]]:
    """What the readers give of files, without what needs no place."""
    found: list[tuple[Any, ...]] = []
    with Here(folder, workers=2) as answerer:
        readers = Readers(folder, answerer)
        for name, _ in readers.through((name, 0) for name in names):
            for item in readers.items(name, str):
                if isinstance(item, int):
                    found += straight(folder, name, item)
                elif isinstance(item, Fault):
                    found.append((name, "fault", item.offset, item.message))
                else:
                    one = item if isinstance(item, Record) else item.record
                    found.append((name, one.type, one.offset, one.length))
    return found


def straight(folder: Path, name: str, start: int = 0) -> list[tuple[Any, ...]]:
    """The same as the plain reader gives it."""
    kept = ("response", "revisit", "resource", "warcinfo", "metadata")
    found: list[tuple[Any, ...]] = []
    for item in records(folder / name, start=start, name=name):
        if isinstance(item, Fault):
            found.append((name, "fault", item.offset, item.message))
        elif item.type in kept and (item.url.startswith("http") or item.type == "warcinfo"):
            found.append((name, item.type, item.offset, item.length))
    return found


@pytest.mark.parametrize("size", [64, 777, 5000])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_file_of_the_cabinet(
    case: Case, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, case)
    # A long record is cut into a thousand stretches at most.
    monkeypatch.setattr(stretches, "STRETCH", max(size, path.stat().st_size // 1000))
    assert read(tmp_path, [path.name]) == straight(tmp_path, path.name)


@pytest.mark.parametrize("many", [1, 3])
def test_a_stretch_that_ends_early_is_gone_on_with(
    many: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "STRETCH", 2000)
    monkeypatch.setattr(stretches, "MANY", many)
    lied = record(
        url="http://kkt.kontum.gov.vn/x.html", block=b"HTTP/1.1 200 OK\r\n\r\nx", length=2
    )
    names = ["a.warc.gz", "empty.warc.gz", "b.warc", "c.warc.gz"]
    parts = [*(page(n) for n in range(12)), lied, *(page(n) for n in range(12, 24))]
    for name in names:
        data = b"" if "empty" in name else b"".join(parts) if name == "b.warc" else members(*parts)
        (tmp_path / name).write_bytes(data)
    wanted = [one for name in names for one in straight(tmp_path, name)]
    assert read(tmp_path, names) == wanted
    assert len(wanted) > 72
