"""kontum.toml: read strictly, told clearly."""

from datetime import time
from pathlib import Path

import pytest

from kontum_crawler.errors import UsageError
from kontum_crawler.store.config import Config, Hours, read_config

FULL = """
contact = "thu-vien@example.vn"
log_file = "logs/kontum.log"

[notify]
email = "truc@example.vn"
webhook = "https://example.vn/hook"

[limits]
delay = 2
requests = 20000
quiet_hours = "07:00-17:30"

[portal.kkt]
delay = 5.5
quiet_hours = "22:00-05:00"
"""


def written(folder: Path, text: str) -> Path:
    (folder / "kontum.toml").write_text(text, "utf-8")
    return folder


def test_without_a_file_everything_is_at_its_default(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config()


def test_a_portal_takes_its_own_limits_and_else_those_of_all(tmp_path: Path) -> None:
    limits = read_config(written(tmp_path, FULL)).limits_of("kkt")
    assert (limits.delay, limits.requests, str(limits.quiet_hours)) == (5.5, 20000, "22:00-05:00")


@pytest.mark.parametrize(
    ("span", "moment", "quiet"),
    [
        ("22:00-05:00", "23:59", True),
        ("22:00-05:00", "04:59", True),
        ("22:00-05:00", "05:00", False),
        ("22:00-05:00", "12:00", False),
        ("07:00-17:30", "07:00", True),
        ("07:00-17:30", "17:30", False),
    ],
)
def test_quiet_hours_may_run_over_midnight(span: str, moment: str, quiet: bool) -> None:
    start, end = (time.fromisoformat(part) for part in span.split("-"))
    assert Hours(start, end).hold(time.fromisoformat(moment)) is quiet


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("contct = 'x'", "contct: unknown key; did you mean «contact»"),
        ("[limit]\ndelay = 1", "limit: unknown key; did you mean «limits»"),
        ("[notify]\nsmtp = 'localhost:mail'", "notify.smtp: must be HOST:PORT"),
        ("[limits]\ndelay = 'fast'", "limits.delay: must be a number of seconds"),
        ("[limits]\ndelay = -1", "limits.delay: must be a number of seconds"),
        ("[limits]\nconcurrency = 16", "limits.concurrency: at most 4"),
        ("[limits]\nrequests = 0", "limits.requests: must be a whole number above 0"),
        ("[portal.kkt]\nquiet_hours = '25:00-05:00'", "portal.kkt.quiet_hours: must be hours"),
        ("[notify]\nemail = 'nobody'", "notify.email: must be a mail address"),
        ("[notify]\nwebhook = 'file:///etc/passwd'", "notify.webhook: must be an address"),
        ("portal = 3", "portal: write one table a portal"),
        ("notify = 3", "notify: must be a table"),
        ("contact = \n# no value\n", "line 1"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_config(written(tmp_path, text))
    assert str(refused.value).startswith(str(tmp_path / "kontum.toml"))
    assert reason in str(refused.value)


def test_the_environment_names_the_contact_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KONTUM_CONTACT", "moi@example.vn")
    assert read_config(written(tmp_path, FULL)).user_agent_contact == "moi@example.vn"
