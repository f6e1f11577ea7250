"""Figures of a run for Prometheus' textfile collector.

Source: Prometheus text exposition format 0.0.4.
"""

from typing import Any

from kontum_crawler import clock
from kontum_crawler.reports.run import Report

PORTAL = {
    "articles": "Articles held",
    "gone": "Articles held that are gone from the portal",
    "days_since_new": "Days since the newest article",
}
Labels = tuple[tuple[str, str], ...]
OUTCOMES = ("done", "problems", "failed", "stopped", "killed")


def as_metrics(report: Report) -> str:
    """The report as gauges, ready to be written to a `.prom` file."""
    lines: list[str] = []
    ended = report.run["finished_at"]
    if ended:
        seconds = int(clock.parse_utc(ended).timestamp())
        lines += _gauge("run_finished_seconds", "When the last run ended", {(): seconds})
    lines += _gauge(
        "run_outcome",
        "1 for the outcome of the last run",
        {(("outcome", name),): int(report.run["outcome"] == name) for name in OUTCOMES},
    )
    for name, value in report.counts.items():
        if isinstance(value, int | float):
            lines += _gauge(
                f"run_{name}", f"Of the last run: {name.replace('_', ' ')}", {(): value}
            )
    for name, text in PORTAL.items():
        values: dict[Labels, Any] = {
            (("portal", row["key"]),): row[name] for row in report.portals if row[name] is not None
        }
        lines += _gauge(f"portal_{name}", text, values)
    drifting: dict[Labels, Any] = {
        (("portal", row["key"]),): len(row["drift"]) for row in report.portals
    }
    lines += _gauge("portal_drifting_fields", "Fields found markedly less often", drifting)
    closed: dict[Labels, Any] = {
        (("portal", row["key"]),): len(row["left_alone"]) for row in report.portals
    }
    lines += _gauge("portal_hosts_left_alone", "Hosts that the last runs gave up", closed)
    states: dict[Labels, Any] = {
        (("portal", row["key"]), ("state", state)): number
        for row in report.portals
        for state, number in row["queue"].items()
    }
    lines += _gauge("frontier_urls", "Addresses by state", states)
    if report.disk["free"] is not None:
        lines += _gauge("disk_free_bytes", "Bytes free for the archive", {(): report.disk["free"]})
    return "\n".join(lines) + "\n"


def _gauge(name: str, text: str, values: dict[Labels, Any]) -> list[str]:
    if not values:
        return []
    lines = [f"# HELP kontum_{name} {text}", f"# TYPE kontum_{name} gauge"]
    for labels, value in values.items():
        told = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels)
        lines.append(f"kontum_{name}{'{' + told + '}' if told else ''} {value}")
    return lines


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
