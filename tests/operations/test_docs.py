"""The table of keys in docs/operations.md is that of the code."""

import re
from dataclasses import fields
from pathlib import Path

from kontum_crawler.store.config import Config, Limits, Notify, read_config

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


def test_the_page_names_every_key_of_kontum_toml_and_no_other() -> None:
    told = set(re.findall(r"^\| ([^|]*) \| `(\w+)` \|", PAGE.read_text("utf-8"), re.M))
    told |= {("", key) for key in re.findall(r"^\| \| `(\w+)` \|", PAGE.read_text("utf-8"), re.M)}
    own = {("", part.name) for part in fields(Config)} - {
        ("", name) for name in ("notify", "limits", "portals")
    }
    own |= {("`notify`", part.name) for part in fields(Notify)}
    own |= {("`limits`, `portal.KEY`", part.name) for part in fields(Limits)}
    assert told == own


def test_the_defaults_of_the_page_are_those_of_the_code() -> None:
    text = PAGE.read_text("utf-8")
    for name in ("keep_runs", "keep_problems"):
        row = next(line for line in text.splitlines() if f"`{name}`" in line)
        assert row.split("|")[-2].strip() == str(getattr(Config(), name))


def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert example is not None
    (tmp_path / "kontum.toml").write_text(example[1], "utf-8")
    config = read_config(tmp_path)
    assert config.limits_of("kkt").delay == 2.5
    assert str(config.limits_of("kkt").quiet_hours) == "07:00-18:00"
