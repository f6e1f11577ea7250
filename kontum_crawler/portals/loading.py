"""From a TOML file to a Portal, with its family's part merged in; a wrong file is refused.

A portal states only its differences. Its patterns and selectors go before those of the family,
which stay as fallbacks; a layout of the same name, or the family's first where the portal's has
none, is the one that a portal's layout builds on.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from kontum_crawler import urls
from kontum_crawler.errors import PortalFileError
from kontum_crawler.portals.portal import Layout, Pattern, Portal
from kontum_crawler.portals.schema import RULES, SELECTORS, TEXTS, URLS, Source, faults

FAMILIES = Path(__file__).parent / "families"
SETTINGS = ("timezone", "delay", "concurrency", "live", "lang", "status")
LISTS = ("start_urls", "sitemaps", "feeds", "apis")


def load(path: Path) -> Portal:
    """Read one portal file.

    Raises PortalFileError with one line for each fault: file, line where known, key, reason.
    """
    source, data = _read(path)
    problems = list(faults(source, data)) or list(_faults_of_the_whole(source, data))
    if problems:
        raise PortalFileError("\n".join(problems))
    return _portal(data, _family(data["family"]) if "family" in data else {})


def check(path: Path) -> list[str]:
    """The faults of one portal file, one line each; empty for a good one."""
    try:
        load(path)
    except PortalFileError as error:
        return str(error).split("\n")
    return []


@lru_cache(maxsize=64)
def family(name: str) -> dict[str, Any]:
    """A family file as data, checked. Raises PortalFileError as `load` does."""
    source, data = _read(FAMILIES / f"{name}.toml")
    if problems := list(faults(source, data, family=True)):
        raise PortalFileError("\n".join(problems))
    return data


_family = family


def families() -> list[str]:
    """Names of the families that a portal file may state, sorted."""
    return sorted(path.stem for path in FAMILIES.glob("*.toml"))


def of_family(name: str, host: str) -> Portal:
    """A portal made of a family alone, for a host that no file names; its key is the host."""
    return _portal({"key": host, "name": host, "hosts": [host], "family": name}, family(name))


def _read(path: Path) -> tuple[Source, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise PortalFileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PortalFileError(f"{path}: is not UTF-8 (byte {error.start:,})") from error
    try:
        return Source(path, text), tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = at[1] if at else str(text.count("\n") + 1)
        reason = re.sub(r" \(at .*\)$", "", str(error))
        raise PortalFileError(f"{path}:{line}: is no TOML: {reason}") from error


def _faults_of_the_whole(source: Source, data: dict[str, Any]) -> list[str]:
    """What only shows when family and portal stand together."""
    if "family" in data and data["family"] not in families():
        known = ", ".join(families())
        return [source.fault("family", f"unknown family «{data['family']}»; there are {known}")]
    found = [*_astray(source, data)]
    for number, entry in enumerate(data.get("urls", {}).get("article", ()), 1):
        text = entry if isinstance(entry, str) else entry["pattern"]
        if not {"slug", "id"} & set(re.compile(text).groupindex):
            reason = f"pattern {number} needs a group (?P<slug>…) or (?P<id>…)"
            found.append(source.fault("urls.article", reason))
    if "family" not in data and not data.get("urls", {}).get("article"):
        found.append(source.fault("urls.article", "is missing, and there is no family to have it"))
    for entry in (e for entries in data.get("urls", {}).values() for e in entries):
        for host in entry.get("hosts", ()) if isinstance(entry, dict) else ():
            if host not in data["hosts"]:
                found.append(source.fault("urls", f"pattern for «{host}», which is none of hosts"))
    return found


def _astray(source: Source, data: dict[str, Any]) -> Iterator[str]:
    """Places where discovery cannot begin, since they are no addresses."""
    home = _home(data)
    for name in LISTS:
        for reference in data.get(name, ()):
            try:
                urls.address(urljoin(home, reference))
            except ValueError:
                yield source.fault(name, f"«{reference}» is no http address")


def _home(data: dict[str, Any]) -> str:
    return data.get("base_url") or f"https://{data['hosts'][0]}/"


def _portal(data: dict[str, Any], base: dict[str, Any]) -> Portal:
    values: dict[str, Any] = {name: data[name] for name in SETTINGS if name in data}
    if "delay" not in values and "delay" in base:
        values["delay"] = base["delay"]
    for name in LISTS:
        values[name] = tuple(data.get(name, base.get(name, ())))
    layouts, stated = _layouts(data.get("layout", []), base.get("layout", []))
    return Portal(
        key=data["key"],
        name=data["name"],
        hosts=tuple(data["hosts"]),
        family=data.get("family"),
        base_url=_home(data),
        patterns={
            kind: tuple(
                _pattern(item)
                for part in (data, base)
                for item in part.get("urls", {}).get(kind, ())
            )
            for kind in URLS
        },
        layouts=layouts,
        own_layouts=stated,
        unchecked_certificates=tuple(data.get("unchecked_certificates", ())),
        **values,
    )


def _pattern(item: str | dict[str, Any]) -> Pattern:
    entry: dict[str, Any] = {"pattern": item} if isinstance(item, str) else item
    return Pattern(
        regex=re.compile(entry["pattern"]),
        hosts=tuple(entry.get("hosts", ())),
        space=entry.get("space", "main"),
        alias=entry.get("alias", False),
    )


def _layouts(
    own: list[dict[str, Any]], base: list[dict[str, Any]]
) -> tuple[tuple[Layout, ...], frozenset[str]]:
    """The portal's layouts on top of those that they build on, then the family's others.

    The second part are the names of the portal's own.
    """
    named = {table.get("name", f"layout {n}"): table for n, table in enumerate(base, 1)}
    first = next(iter(named), None)
    used: set[str] = set()
    layouts = []
    for number, table in enumerate(own, 1):
        onto = table["name"] if table.get("name") in named else first
        if onto is not None:
            used.add(onto)
        dated = len(own) > 1 and "name" not in table
        name = table.get("name") or (f"layout {number}" if dated or not onto else onto)
        layouts.append(_layout(name, table, named.get(onto or "", {})))
    stated = frozenset(layout.name for layout in layouts)
    layouts += [_layout(name, {}, table) for name, table in named.items() if name not in used]
    return tuple(layouts), stated


def _layout(name: str, own: dict[str, Any], base: dict[str, Any]) -> Layout:
    lists = {
        key: tuple(dict.fromkeys([*own.get(key, ()), *base.get(key, ())]))
        for key in (*RULES, *SELECTORS, *TEXTS)
    }
    return Layout(
        name=name,
        since=own.get("since", base.get("since")),
        until=own.get("until", base.get("until")),
        **lists,
    )
