"""What may stand in a portal file: keys, their types, and what a wrong one is told.

Every fault is a line `file:line: key: reason`; the line is that of the key where it can be found.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import SelectorError
from parsel.csstranslator import HTMLTranslator

from kontum_crawler.urls import address

MOST = 4
"""Requests in flight at a portal, so that no small server is harmed."""
STATUSES = ("recorded", "template", "unconfirmed")
RULES = ("title", "lead", "byline", "source", "published_at", "category", "tags")
"""Keys whose values are texts of the page: by a selector, or behind a label."""
SELECTORS = ("fits", "body", "attachments", "images", "remove")
TEXTS = ("drop", "cut")
LAYOUT: dict[str, str] = {
    "name": "text",
    "since": "day",
    "until": "day",
    **dict.fromkeys(RULES, "rules"),
    "byline": "bylines",
    **dict.fromkeys(SELECTORS, "selectors"),
    **dict.fromkeys(TEXTS, "texts"),
}
URLS = dict.fromkeys(("article", "listing", "document", "requisite", "other"), "patterns")
PATTERN = {"pattern": "text", "hosts": "hosts", "space": "text", "alias": "flag"}
PORTAL = {
    "key": "key",
    "name": "text",
    "family": "text",
    "status": "status",
    "hosts": "hosts",
    "base_url": "address",
    "start_urls": "texts",
    "sitemaps": "texts",
    "feeds": "texts",
    "apis": "texts",
    "timezone": "zone",
    "delay": "seconds",
    "concurrency": "flight",
    "live": "flag",
    "lang": "text",
    "unchecked_certificates": "hosts",
    "urls": "table",
    "layout": "tables",
}
SHARED = ("key", "name", "sitemaps", "feeds", "apis", "start_urls", "delay", "urls", "layout")
FAMILY = {name: PORTAL[name] for name in SHARED} | {"detect": "table"}
DETECT = {
    "generator": "texts",
    "markup": "selectors",
    "text": "texts",
    "paths": "texts",
}
REQUIRED = ("key", "name", "hosts")
HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
)
LABEL = re.compile(r"label: \S.*")
LAST_LINE = "last-line"
"""Rules that are no selectors: see docs/adding-a-portal.md."""


@dataclass(frozen=True, slots=True)
class Source:
    """A portal file as text, to say in which line a key stands."""

    path: Path
    text: str

    def fault(self, key: str, reason: str) -> str:
        """`file:line: key: reason`; without a line where the key is not in the text."""
        name = re.escape(re.sub(r"\[\d+\]", "", key).rpartition(".")[2])
        match = re.search(
            rf"^\s*(?:\[+)?(?:\w+\.)*[\"']?{name}[\"']?\s*(?:=|\]|\.)", self.text, re.M
        )
        if match is None:
            return f"{self.path}: {key}: {reason}"
        line = self.text.count("\n", 0, match.end()) + 1
        return f"{self.path}:{line}: {key}: {reason}"


def faults(source: Source, data: dict[str, Any], *, family: bool = False) -> Iterator[str]:
    """Every fault of a portal file (or a family file), one line each."""
    known = FAMILY if family else PORTAL
    yield from _table(source, data, known, "")
    for key in () if family else REQUIRED:
        if key not in data:
            yield source.fault(key, "is missing")
    yield from _section(source, data.get("urls"), URLS, "urls")
    if family:
        yield from _section(source, data.get("detect"), DETECT, "detect")
    for number, layout in enumerate(_tables(data.get("layout"))):
        yield from _table(source, layout, LAYOUT, f"layout[{number + 1}]." if number else "layout.")
        since, until = layout.get("since"), layout.get("until")
        if isinstance(since, date) and isinstance(until, date) and since > until:
            yield source.fault("layout.since", f"{since} is after until = {until}")


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _section(source: Source, value: Any, known: dict[str, str], name: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _table(source, value, known, f"{name}.")


def _table(
    source: Source, data: dict[str, Any], known: dict[str, str], prefix: str
) -> Iterator[str]:
    for key, value in data.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"; did you mean «{near[0]}»?" if near else "."
            yield source.fault(
                f"{prefix}{key}", f"unknown key{hint} Known keys: {', '.join(sorted(known))}"
            )
        elif reason := CHECKS[known[key]](value):
            yield source.fault(f"{prefix}{key}", reason)


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return f'must be a text in quotes, such as "…"; not {_shown(value)}'
    return None if value.strip() else "must not be empty"


def _texts(value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return f'must be a list of texts, such as ["…"]; not {_shown(value)}'
    return None if all(each.strip() for each in value) else "must have no empty text"


def _shown(value: Any) -> str:
    """A value as a person wrote it, more or less: cut where it is long."""
    told = str(value).lower() if isinstance(value, bool) else repr(value)
    return told if len(told) <= 60 else f"{told[:60]}…"


def _address(value: Any) -> str | None:
    if reason := _text(value):
        return reason
    try:
        address(value)
    except ValueError:
        return f"«{value}» is no address; write it with http:// or https://"
    return None


def _key(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9.-]*", value):
        return None
    return "must be a text of lower-case letters, digits, points and hyphens"


def _flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _seconds(value: Any) -> str | None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 86_400
    return None if good else f"must be a number of seconds, not {_shown(value)}"


def _flight(value: Any) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST
    return None if good else f"must be a whole number from 1 to {MOST}, not {_shown(value)}"


def _day(value: Any) -> str | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return None
    return "must be a day without quotes, such as 2018-12-31"


def _zone(value: Any) -> str | None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, TypeError, ValueError, OSError):
        return f"{value!r} is no time zone; write one such as Asia/Ho_Chi_Minh"
    return None


def _status(value: Any) -> str | None:
    return None if value in STATUSES else f"must be one of {', '.join(STATUSES)}"


def _hosts(value: Any) -> str | None:
    if reason := _texts(value):
        return reason
    if not value:
        return "must name at least one host; the first is canonical"
    for host in value:
        if not HOST.fullmatch(host):
            return f"«{host}» is no host name; write it in lower case, without scheme and path"
    return "names a host twice" if len(set(value)) < len(value) else None


def _selectors(value: Any) -> str | None:
    if reason := _texts(value):
        return reason
    for selector in value:
        try:
            HTMLTranslator().css_to_xpath(selector)
        except (SelectorError, ValueError) as error:
            return f"«{selector}» is no CSS selector: {error}"
    return None


def _rules(value: Any) -> str | None:
    reason = _texts(value)
    return reason or _selectors([rule for rule in value if not LABEL.fullmatch(rule)])


def _bylines(value: Any) -> str | None:
    return _texts(value) or _rules([rule for rule in value if rule != LAST_LINE])


def _patterns(value: Any) -> str | None:
    if not isinstance(value, list) or not value:
        return "must be a list of regular expressions, or of tables with `pattern`"
    for item in value:
        entry = {"pattern": item} if isinstance(item, str) else item
        if not isinstance(entry, dict) or not isinstance(entry.get("pattern"), str):
            return "must be a list of regular expressions, or of tables with `pattern`"
        for key, part in entry.items():
            if key not in PATTERN:
                return f"unknown key «{key}» in a pattern; known: {', '.join(PATTERN)}"
            if reason := CHECKS[PATTERN[key]](part):
                return f"{key}: {reason}"
        try:
            re.compile(entry["pattern"])
        except re.error as error:
            return f"«{entry['pattern']}» is no regular expression: {error}"
    return None


def _table_type(value: Any) -> str | None:
    return None if isinstance(value, dict) else "must be a table, written as [urls]"


def _tables_type(value: Any) -> str | None:
    good = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return None if good else "must be tables, each written as [[layout]]"


CHECKS = {
    "text": _text,
    "texts": _texts,
    "address": _address,
    "key": _key,
    "flag": _flag,
    "seconds": _seconds,
    "flight": _flight,
    "day": _day,
    "zone": _zone,
    "status": _status,
    "hosts": _hosts,
    "selectors": _selectors,
    "rules": _rules,
    "bylines": _bylines,
    "patterns": _patterns,
    "table": _table_type,
    "tables": _tables_type,
}
