"""What one run did, for the morning after: as text, Markdown and HTML, from the same sections."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kontum_crawler.reports.watches import WatchNews, news_of_watches
from kontum_crawler.store import drift
from kontum_crawler.store.changes import Change, changes
from kontum_crawler.store.health import health

if TYPE_CHECKING:
    from kontum_crawler.store import Archive

SHOWN = 200
"""Articles or problems of one kind that a report lists; the others are counted."""
DAYS_LEFT = 30
RUN = "SELECT id, command, started_at, finished_at, outcome, stats FROM runs WHERE id = ?"
PROBLEMS = "SELECT url, stage, message FROM problems WHERE run_id = ? ORDER BY stage, id"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its rows; a cell that begins with http is an address."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    more: int = 0


@dataclass(slots=True)
class Report:
    """One run. `urgent` are sentences on what needs a person; empty on a good night."""

    run: dict[str, Any]
    counts: dict[str, Any]
    news: list[Change]
    problems: list[tuple[str, str, str]]
    portals: list[dict[str, Any]]
    disk: dict[str, Any]
    watches: list[WatchNews] = field(default_factory=list)
    urgent: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """One line that tells the run."""
        number = {
            name: self.counts.get(f"articles_{name}", 0) for name in ("new", "edited", "gone")
        }
        told = ", ".join(f"{count} {name}" for name, count in number.items())
        return f"kontum run {self.run['id']}: {self.run['outcome']}; {told}"

    def sections(self) -> list[Section]:
        """All parts that have something to tell."""
        found = [
            Section("Needs a look", ("what",), [(text,) for text in self.urgent]),
            Section("Counts", ("what", "number"), _counted(self.counts)),
            *(_changes(self.news, change) for change in ("new", "edited", "moved", "gone")),
            *_problems(self.problems),
            _portals(self.portals),
            *(
                Section(f"Saved search {news.name}", ("news",), [(line,) for line in news.lines()])
                for news in self.watches
            ),
            Section("Disk", ("what", "value"), _disk(self.disk)),
        ]
        return [section for section in found if section.rows]


def report_of(archive: "Archive", run_id: int, now: datetime) -> Report:
    """The report of a run that has ended. now: UTC."""
    run = dict(archive.db.execute(RUN, (run_id,)).fetchone())
    told = health(archive, now, runs=1, problems=0)
    stats = next((each["stats"] for each in told["runs"] if each["id"] == run_id), None)
    report = Report(
        run=run,
        counts=stats or {},
        news=changes(archive.db, run["started_at"]),
        problems=[
            (row["stage"], row["message"], row["url"] or "")
            for row in archive.db.execute(PROBLEMS, (run_id,))
        ],
        portals=told["portals"],
        disk=told["disk"],
        watches=news_of_watches(archive, run_id),
    )
    report.urgent = _urgent(report, drift.findings_of(archive.db, run_id))
    return report


def _urgent(report: Report, findings: list[drift.Finding]) -> list[str]:
    told = []
    if report.run["outcome"] in ("failed", None):
        told.append("The run failed; its log tells why.")
    told += [f"{finding.message}: {finding.url or ''}".rstrip(": ") for finding in findings]
    told += [
        message
        for stage, message, _ in report.problems
        if (stage == "fetch" and ("waits for the next run" in message or "left alone" in message))
        or (stage == "robots" and "nothing was fetched" in message)
    ]
    told += [
        f"{row['key']}: nothing new for {row['days_since_new']} days, far longer than usual."
        for row in report.portals
        if row["silent"]
    ]
    left = report.disk["days_left"]
    if left is not None and left < DAYS_LEFT:
        told.append(f"The disk is full in about {left} days.")
    return told


def as_text(report: Report) -> str:
    """The report for a terminal or a mail."""
    parts = [report.title, ""]
    for section in report.sections():
        parts += [section.title.upper(), *("  " + _line(row) for row in section.rows)]
        parts += [f"  and {section.more} more"] if section.more else []
        parts.append("")
    return "\n".join(parts)


def as_markdown(report: Report) -> str:
    """The report as Markdown; text of portals cannot form markup."""
    parts = [f"# {_markdown(report.title)}", ""]
    for section in report.sections():
        parts += [f"## {_markdown(section.title)}", ""]
        parts.append(f"| {' | '.join(section.columns)} |")
        parts.append(f"|{'---|' * len(section.columns)}")
        parts += [f"| {' | '.join(map(_markdown, row))} |" for row in section.rows]
        parts += ["", f"and {section.more} more"] if section.more else []
        parts.append("")
    return "\n".join(parts)


def as_html(report: Report) -> str:
    """The report as one page without scripts; text of portals is escaped."""
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        f"<title>{escape(report.title)}</title>",
        "<style>body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse}td,th{padding:.2em .8em .2em 0;text-align:left;"
        "vertical-align:top;overflow-wrap:anywhere}</style></head><body>",
        f"<h1>{escape(report.title)}</h1>",
        f"<p>{escape(str(report.run['started_at']))} to {escape(str(report.run['finished_at']))}",
    ]
    for section in report.sections():
        parts.append(f"<h2>{escape(section.title)}</h2>\n<table><tr>")
        parts += [f'<th scope="col">{escape(name)}</th>' for name in section.columns]
        parts.append("</tr>")
        for row in section.rows:
            parts.append("<tr>" + "".join(f"<td>{_html(cell)}</td>" for cell in row) + "</tr>")
        parts.append("</table>")
        parts += [f"<p>and {section.more} more</p>"] if section.more else []
    return "\n".join([*parts, "</body></html>\n"])


def _counted(counts: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (name.replace("_", " "), f"{value:,}")
        for name, value in counts.items()
        if isinstance(value, int | float)
    ]


def _changes(news: list[Change], change: str) -> Section:
    found = [each for each in news if each.change == change]
    rows = [(each.portal, each.title or each.slug, each.url) for each in found[:SHOWN]]
    title = f"{change.capitalize()} ({len(found)})"
    return Section(title, ("portal", "title", "address"), rows, max(0, len(found) - SHOWN))


def _problems(problems: list[tuple[str, str, str]]) -> list[Section]:
    sections = []
    for stage, group in groupby(problems, key=lambda row: row[0]):
        found = [(message, url) for _, message, url in group]
        title = f"Problems: {stage} ({len(found)})"
        more = max(0, len(found) - SHOWN)
        sections.append(Section(title, ("problem", "address"), [*found[:SHOWN]], more))
    return sections


def _portals(portals: list[dict[str, Any]]) -> Section:
    columns = ("portal", "articles", "days since new", "usual gap", "queued", "failed", "drift")
    rows = [
        (
            row["key"],
            f"{row['articles']:,}",
            _or_dash(row["days_since_new"]),
            _or_dash(row["usual_gap_days"]),
            str(row["queue"].get("queued", 0)),
            str(row["queue"].get("failed", 0)),
            ", ".join(found["field"] for found in row["drift"]) or "-",
        )
        for row in portals
    ]
    return Section("Portals", columns, rows)


def _disk(disk: dict[str, Any]) -> list[tuple[str, ...]]:
    names = {"free": "bytes free", "per_day": "bytes a day", "days_left": "days left"}
    return [(text, f"{disk[name]:,}") for name, text in names.items() if disk[name] is not None]


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _line(row: tuple[str, ...]) -> str:
    return " · ".join(" ".join(cell.split()) for cell in row if cell)


def _markdown(text: str) -> str:
    text = " ".join(text.split())
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text


def _html(cell: str) -> str:
    if cell.startswith(("http://", "https://")):
        return f'<a rel="noreferrer" href="{escape(cell)}">{escape(cell)}</a>'
    return escape(cell)
