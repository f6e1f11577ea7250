"""Every recipe of docs/cookbook.md is run on the sample archive, and its result compared."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from recipes import PAGE, Recipe, build, questions, recipes, run

TEXT = PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cookbook")
    build(place)
    return place


@pytest.mark.parametrize("recipe", list(recipes(TEXT)), ids=lambda recipe: recipe.name)
def test_a_recipe_gives_the_result_on_the_page(recipe: Recipe, folder: Path) -> None:
    for module in ("matplotlib", "duckdb", "pandas"):
        if module in recipe.code and find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    if "parquet" in recipe.code and find_spec("pyarrow") is None:
        pytest.skip("pyarrow is not installed")
    if recipe.code.startswith("$ sqlite-utils") and find_spec("sqlite_utils") is None:
        pytest.skip("sqlite-utils is not installed")
    assert run(recipe, folder) == recipe.result, "python tests/cookbook/recipes.py, then look"
    for name in re.findall(r'savefig\("([^"]+)"', recipe.code):
        assert (folder / name).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_there_are_25_questions_each_with_command_and_sql() -> None:
    found = questions(TEXT)
    assert list(found) == list(range(1, 26))
    assert all({"sh", "sql"} <= set(kinds) for kinds in found.values())
    assert TEXT.count("savefig") == 3
