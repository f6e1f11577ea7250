"""The printed crontab entry runs under a real cron daemon."""

import os
import pwd
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kontum_crawler.reports.schedule import Plan, crontab

CRON = shutil.which("cron") or shutil.which("cron", path="/usr/sbin:/sbin")


@pytest.mark.long
@pytest.mark.skipif(CRON is None, reason="cron is missing; it is Debian's package cron")
@pytest.mark.skipif(os.geteuid() != 0, reason="a cron daemon needs root")
def test_the_entry_runs_at_its_minute(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    program = tmp_path / "kontum"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\n')
    program.chmod(0o755)
    at = datetime.now().astimezone() + timedelta(minutes=2)
    text = crontab(Plan(program, tmp_path / "kho 50%", at.time().replace(tzinfo=None)))
    before = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    subprocess.run(["crontab", "-"], input=text, text=True, check=True)
    daemon = subprocess.Popen([str(CRON), "-f"])
    try:
        until = time.monotonic() + 200
        while not (tmp_path / "words").exists() and time.monotonic() < until:
            assert daemon.poll() is None, "cron ended"
            time.sleep(1)
        assert (tmp_path / "words").read_text("utf-8").splitlines()[:3] == [
            "crawl",
            "--archive",
            str(tmp_path / "kho 50%"),
        ]
        assert pwd.getpwuid(os.geteuid()).pw_name == "root", sys.platform
    finally:
        daemon.terminate()
        daemon.wait(10)
        subprocess.run(["crontab", "-r"], check=False)
        if before.returncode == 0:
            subprocess.run(["crontab", "-"], input=before.stdout, text=True, check=True)
