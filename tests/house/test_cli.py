"""Each command explains itself, and the manual says what the commands say."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from kontum_crawler import __version__
from kontum_crawler.cli import COMMANDS, cli

ROOT = Path(__file__).parents[2]


def kontum(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kontum_crawler", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, f"commands/{COMMANDS[name][0]}.py is missing"
    assert f"kontum {name}" in (command.help or ""), "its docstring shows no example"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_the_options_that_stand_everywhere(name: str) -> None:
    shown = kontum(name, "--help").stdout
    assert [
        option for option in ("--debug", "--log-file", "--version", "--help") if option not in shown
    ] == []


def test_the_manual_is_the_output_of_help() -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    # In a process of its own: click keeps the help option of a command that was called alone.
    command = [sys.executable, "-m", "kontum_crawler.cli"]
    told = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert page == told.stdout, "run: python -m kontum_crawler.cli > docs/cli.md"


def test_the_version_is_told() -> None:
    assert kontum("--version").stdout == f"kontum, version {__version__}\n"


def test_an_unknown_command_is_wrong_usage() -> None:
    asked = kontum("crwal")
    assert asked.returncode == 2
    assert "crwal" in asked.stderr


def test_an_unknown_option_is_wrong_usage() -> None:
    asked = kontum("search", "--colour", "red", "x")
    assert asked.returncode == 2
    assert "--colour" in asked.stderr
