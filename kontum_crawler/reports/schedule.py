"""A nightly crawl as a crontab line or as systemd units, ready to be used.

An overlapping run ends by itself with 75 (the archive's own lock), which is no failure of the
service; nothing needs `flock`. Sources: crontab(5), systemd.service(5), systemd.timer(5).
"""

import shlex
from dataclasses import dataclass
from datetime import time
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run and when.

    program: absolute path of `kontum`; archive: absolute folder; at: local time of the machine;
    portals: keys, empty for all live ones; user: who runs the units.
    """

    program: Path
    archive: Path
    at: time
    portals: tuple[str, ...] = ()
    user: str | None = None

    @property
    def log(self) -> Path:
        """Where the crawl writes its log."""
        return self.archive / "logs" / "kontum.log"

    def words(self) -> list[str]:
        """The command of the nightly run."""
        return [
            str(self.program),
            "crawl",
            *self.portals,
            "--archive",
            str(self.archive),
            "--quiet",
            "--log-file",
            str(self.log),
        ]


def crontab(plan: Plan) -> str:
    """A crontab entry: low priority, quiet unless something needs a person.

    cron mails what is printed, and a quiet run prints only errors. A `%` would end the command in
    a crontab, so it is escaped.
    """
    folder = shlex.quote(str(plan.log.parent))
    crawl = f"mkdir -p {folder} && nice -n 19 ionice -c 3 {shlex.join(plan.words())}"
    # 75: another run is still writing. That is no news.
    line = f"{crawl}; code=$?; [ $code -eq 75 ] || exit $code".replace("%", r"\%")
    return (
        "# The nightly crawl. Exit codes: 0 done, 3 look at `kontum status`, 75 still running.\n"
        "# The log is rotated by logrotate; see the snippet below.\n"
        f"{plan.at.minute} {plan.at.hour} * * * {line}\n"
        "\n"
        "# /etc/logrotate.d/kontum\n"
        + "".join(f"#   {rule}\n" for rule in _logrotate(plan).splitlines())
    )


def _logrotate(plan: Plan) -> str:
    return (
        f'"{plan.log}" {{\n'
        "    weekly\n    rotate 12\n    compress\n    missingok\n    notifempty\n    copytruncate\n"
        "}\n"
    )


def systemd_units(plan: Plan) -> dict[str, str]:
    """File name to text of a service, its timer and the unit that tells of a failure."""
    words = " ".join(_quoted(word) for word in plan.words())
    user = f"User={plan.user}\n" if plan.user else ""
    service = (
        "[Unit]\n"
        "Description=Nightly crawl of the portals into the archive\n"
        "Wants=network-online.target\n"
        "After=network-online.target\n"
        "OnFailure=kontum-crawl-failed.service\n"
        "\n[Service]\n"
        "Type=oneshot\n"
        f"{user}"
        f"ExecStartPre=/bin/mkdir -p {_quoted(str(plan.log.parent))}\n"
        f"ExecStart={words}\n"
        # 3: finished, with problems listed; 75: another run is still writing.
        "SuccessExitStatus=3 75\n"
        "Nice=19\n"
        "IOSchedulingClass=idle\n"
        "KillSignal=SIGTERM\n"
        "TimeoutStopSec=120\n"
        "NoNewPrivileges=yes\n"
        "PrivateTmp=yes\n"
        "ProtectSystem=full\n"
    )
    timer = (
        "[Unit]\n"
        "Description=When the portals are crawled\n"
        "\n[Timer]\n"
        f"OnCalendar=*-*-* {plan.at:%H:%M}:00\n"
        "RandomizedDelaySec=300\n"
        "Persistent=true\n"
        "\n[Install]\n"
        "WantedBy=timers.target\n"
    )
    failed = (
        "[Unit]\n"
        "Description=Tell that the crawl failed\n"
        "\n[Service]\n"
        "Type=oneshot\n"
        f"{user}"
        f"ExecStart={_quoted(str(plan.program))} status --archive {_quoted(str(plan.archive))}\n"
    )
    return {
        "kontum-crawl.service": service,
        "kontum-crawl.timer": timer,
        "kontum-crawl-failed.service": failed,
    }


def _quoted(word: str) -> str:
    """A word of a systemd command line; `%` and `$` have a meaning there (systemd.unit(5))."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{word}"' if any(letter in word for letter in " \t'\";\\") else word
