"""`<archive>/kontum.toml`: what the keeper of an archive decides.

Every key is optional; a key that is not known, or a value of the wrong kind, is refused with file
and key, so that a misspelt quiet hour never means a loud night. Table of keys: docs/operations.md.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any

from kontum_crawler.errors import UsageError
from kontum_crawler.store.drift import ARTICLE, FIELDS

NAME = "kontum.toml"
LONGEST_REST = 24 * 90  # hours
PROJECT = "https://github.com/kontum-crawler/kontum_crawler"


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the day in the portal's own time; it may run over midnight."""

    start: time
    end: time

    def hold(self, moment: time) -> bool:
        """Whether a time of day lies in the span; the start does, the end does not."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may ask of one portal.

    delay: seconds between two requests; concurrency: requests in flight (at most 4); requests,
    bytes: the budget of a run; quiet_hours: when nothing is fetched; rests: hours that a host is
    left alone after the first, second … run in a row that gave it up; deeper_every: so many runs
    make one that walks known listings `deeper_pages` pages beyond the last news; dropped: fields
    that the portal has given up for good, or `article` where it has removed its articles.
    """

    delay: float | None = None
    concurrency: int | None = None
    requests: int | None = None
    bytes: int | None = None
    quiet_hours: Hours | None = None
    rests: tuple[float, ...] | None = None
    deeper_every: int | None = None
    deeper_pages: int | None = None
    dropped: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Notify:
    """Whom to tell when a run needs a person; nothing is sent where nothing is set.

    email: address; smtp: `host:port` (default localhost:25); webhook, ntfy: URLs.
    """

    email: str | None = None
    sender: str | None = None
    smtp: str = "localhost:25"
    webhook: str | None = None
    ntfy: str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file. `limits_of(portal)` is what holds for one portal."""

    contact: str | None = None
    log_file: str | None = None
    metrics_file: str | None = None
    keep_runs: int = 400
    keep_problems: int = 400
    notify: Notify = field(default_factory=Notify)
    limits: Limits = field(default_factory=Limits)
    portals: Mapping[str, Limits] = field(default_factory=dict)

    def limits_of(self, portal: str) -> Limits:
        """The limits of a portal: its own where it states them, else those of all portals."""
        own = self.portals.get(portal, Limits())
        chosen = {
            part.name: getattr(self.limits, part.name)
            if getattr(own, part.name) is None
            else getattr(own, part.name)
            for part in fields(Limits)
        }
        return Limits(**chosen)

    @property
    def has_contact(self) -> bool:
        """Whether the keeper of the archive has said how to be reached."""
        return bool(os.environ.get("KONTUM_CONTACT") or self.contact)

    @property
    def user_agent_contact(self) -> str:
        """How whoever runs a portal can reach whoever runs this archive."""
        return os.environ.get("KONTUM_CONTACT") or self.contact or PROJECT


def read_config(folder: Path) -> Config:
    """Read the file of an archive; without one, everything is at its default.

    Raises UsageError with file and key for what is misspelt or of the wrong kind.
    """
    path = folder / NAME
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error
    return _config(values, path)


def _config(values: dict[str, Any], path: Path) -> Config:
    portals = values.pop("portal", {})
    if not isinstance(portals, dict) or not all(isinstance(v, dict) for v in portals.values()):
        raise UsageError(f"{path}: portal: write one table a portal, as [portal.kkt]")
    parts: dict[str, Any] = {
        "notify": Notify(**_table(values.pop("notify", {}), Notify, "notify.", path)),
        "limits": Limits(**_table(values.pop("limits", {}), Limits, "limits.", path)),
        "portals": {
            key: Limits(**_table(table, Limits, f"portal.{key}.", path))
            for key, table in portals.items()
        },
    }
    return Config(**_table(values, Config, "", path), **parts)


def _table(values: Any, kind: type, prefix: str, path: Path) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise UsageError(f"{path}: {prefix.rstrip('.')}: must be a table")
    known = {part.name for part in fields(kind)}
    if kind is Config:
        known = known - {"portals"} | {"portal"}
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean «{near[0]}»?" if near else "."
            raise UsageError(f"{path}: {prefix}{name}: unknown key{hint} Known: {_list(known)}.")
    return {name: CHECKS[name](value, f"{path}: {prefix}{name}") for name, value in values.items()}


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip() or re.search(r"[\x00-\x1f]", value):
        raise UsageError(f"{where}: must be a line of text, not {value!r}")
    return value


def _address(value: Any, where: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", _text(value, where)):
        raise UsageError(f"{where}: must be an address that begins with http, not {value!r}")
    return str(value)


def _email(value: Any, where: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", _text(value, where)):
        raise UsageError(f"{where}: must be a mail address, not {value!r}")
    return str(value)


def _server(value: Any, where: str) -> str:
    if not re.fullmatch(r"[^\s:]+(?::\d{1,5})?|\[[0-9a-f:.]+\]:\d{1,5}", _text(value, where)):
        raise UsageError(f"{where}: must be HOST:PORT of a mail server, not {value!r}")
    return str(value)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 86_400:
        raise UsageError(f"{where}: must be a number of seconds, not {value!r}")
    return float(value)


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{where}: must be a whole number above 0, not {value!r}")
    return value


def _flight(value: Any, where: str) -> int:
    if _count(value, where) > 4:
        raise UsageError(f"{where}: at most 4 requests in flight, not {value}")
    return int(value)


def _hours(value: Any, where: str) -> Hours:
    match = re.fullmatch(r"(\d\d?):(\d\d)\s*[-–]\s*(\d\d?):(\d\d)", _text(value, where))
    try:
        if match is None:
            raise ValueError
        hours, minutes, until_hours, until_minutes = map(int, match.groups())
        return Hours(time(hours, minutes), time(until_hours, until_minutes))
    except ValueError:
        raise UsageError(f'{where}: must be hours such as "22:00-05:00", not {value!r}') from None


def _dropped(value: Any, where: str) -> tuple[str, ...]:
    known = (ARTICLE, *FIELDS)
    if not isinstance(value, list) or not all(name in known for name in value):
        raise UsageError(f"{where}: must be a list of {', '.join(known)}; not {value!r}")
    return tuple(value)


def _rests(value: Any, where: str) -> tuple[float, ...]:
    numbers = value if isinstance(value, list) else []
    if not numbers or not all(_is_rest(number) for number in numbers):
        raise UsageError(f"{where}: must be hours such as [0, 6, 24], not {value!r}")
    return tuple(map(float, numbers))


def _is_rest(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= LONGEST_REST


CHECKS = {
    "contact": _text,
    "log_file": _text,
    "metrics_file": _text,
    "keep_runs": _count,
    "keep_problems": _count,
    "email": _email,
    "sender": _email,
    "smtp": _server,
    "webhook": _address,
    "ntfy": _address,
    "delay": _number,
    "concurrency": _flight,
    "requests": _count,
    "bytes": _count,
    "quiet_hours": _hours,
    "rests": _rests,
    "deeper_every": _count,
    "deeper_pages": _count,
    "dropped": _dropped,
}
