"""How results reach a terminal, a pipe or a file.

Results go to stdout, everything else to stderr. Text of a portal is untrusted: control characters
would let a page write escape sequences into the reader's terminal.
"""

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """The text without control characters and marks that turn its direction; `\\n`, `\\t` stay."""
    return CONTROL.sub("", text)


def say(message: str) -> None:
    """A sentence for the person at the terminal, on stderr."""
    click.echo(message, err=True)


def print_json(value: Any) -> None:
    """One JSON document, readable, with its letters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line."""
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False))


def print_csv(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, head: bool = True
) -> None:
    """CSV (RFC 4180); lists and objects are written as JSON. head: begin with the names."""
    writer = csv.writer(sys.stdout, lineterminator="\r\n")
    if head:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in columns])


def cell(value: Any) -> Any:
    """One value as a cell of a table file."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def print_table(rows: Iterable[Sequence[Any]], columns: Sequence[str], title: str = "") -> None:
    """A table for people: ruled on a terminal, tab-separated in a pipe."""
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(_line(value) for value in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, title=title or None, title_justify="left")
    for row in rows:
        table.add_row(*(Text(_line(value)) for value in row))
    Console().print(table)


def _line(value: Any) -> str:
    text = "" if value is None else str(cell(value))
    return re.sub(r"\s+", " ", safe(text))
