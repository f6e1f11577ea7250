"""What all tests share: the flag for long rounds, and where the large evaluation sets lie."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the long rounds")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    skip = pytest.mark.skip(reason="a long round; run with --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def evaluation_sets() -> Path:
    """The folder of the large evaluation sets: `$KONTUM_EVAL`, else `shared` beside the clone."""
    folder = Path(os.environ.get("KONTUM_EVAL", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the evaluation sets are not at {folder}; set $KONTUM_EVAL")
    return folder
