"""What all tests share: flags for slow and long rounds, and where the evaluation sets lie."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what takes minutes")
    parser.addoption("--long", action="store_true", help="run the long rounds too, and all else")


def pytest_configure(config: pytest.Config) -> None:
    """Properties are tried on the same examples each time; with `--long`, on new ones.

    A machine may be slow; what takes long is measured in `benchmarks/`.
    """
    long = config.getoption("--long")
    settings.register_profile("kontum", derandomize=not long, deadline=None)
    settings.load_profile("kontum")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a flag the tests end within minutes; `.ci/run` runs the slow ones as well."""
    if config.getoption("--long"):
        return
    left_out = {"long"} if config.getoption("--slow") else {"long", "slow"}
    chosen = [item for item in items if left_out.isdisjoint(item.keywords)]
    if len(chosen) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


@pytest.fixture(scope="session")
def evaluation_sets() -> Path:
    """The folder of the large evaluation sets: `$KONTUM_EVAL`, else `shared` beside the clone."""
    folder = Path(os.environ.get("KONTUM_EVAL", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the evaluation sets are not at {folder}; set $KONTUM_EVAL")
    return folder
