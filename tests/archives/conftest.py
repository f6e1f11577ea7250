"""What tests of other archives share."""

import pytest
from fills import article
from twins import Kept


@pytest.fixture
def sound() -> list[Kept]:
    return [article(n, f"2022030510{n:02}00") for n in range(1, 6)]
