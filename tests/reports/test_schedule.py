"""The printed schedule is one that cron and systemd accept as it stands."""

import shutil
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest

from kontum_crawler.reports.schedule import Plan, crontab, systemd_units

PROGRAM = Path(sys.executable)


def plan(folder: Path, **more: object) -> Plan:
    return Plan(PROGRAM, folder, time(2, 15), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["archive", "kho lưu trữ", "50% full", 'a "b"', "co$t"])
def test_systemd_accepts_the_units(tmp_path: Path, name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing; it is in Debian's package systemd")
    for file, text in systemd_units(plan(tmp_path / name)).items():
        (tmp_path / file).write_text(text, "utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "kontum-crawl.timer")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_finished_run_with_problems_is_no_failure_of_the_service(tmp_path: Path) -> None:
    assert "SuccessExitStatus=3 75\n" in systemd_units(plan(tmp_path))["kontum-crawl.service"]


def test_the_crontab_entry_is_one_line_of_five_times_and_a_command(tmp_path: Path) -> None:
    entries = [
        line for line in crontab(plan(tmp_path)).splitlines() if line and not line.startswith("#")
    ]
    assert len(entries) == 1
    assert entries[0].split(maxsplit=5)[:5] == ["15", "2", "*", "*", "*"]


@pytest.mark.parametrize(("code", "told"), [(0, 0), (3, 3), (75, 0), (1, 1)])
def test_the_shell_of_cron_runs_the_entry(tmp_path: Path, code: int, told: int) -> None:
    program = tmp_path / "kontum 100%"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words; exit {code}\n')
    program.chmod(0o755)
    text = crontab(Plan(program, tmp_path / "kho lưu", time(3, 4), ("kkt", "ngochoi")))
    command = next(line for line in text.splitlines() if line[:1].isdigit()).split(maxsplit=5)[5]
    ended = subprocess.run(["/bin/sh", "-c", command.replace("\\%", "%")], check=False)
    assert ended.returncode == told
    assert (tmp_path / "words").read_text("utf-8").split("\n")[:5] == [
        "crawl",
        "kkt",
        "ngochoi",
        "--archive",
        str(tmp_path / "kho lưu"),
    ]


def test_every_word_of_a_name_reaches_systemd_whole(tmp_path: Path) -> None:
    service = systemd_units(plan(tmp_path / "a b"))["kontum-crawl.service"]
    assert f'"{tmp_path / "a b"}"' in service
