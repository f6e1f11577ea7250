"""The pages of the public article-extraction benchmark, split into a seen and an unseen half.

Rules of the extractor are made on the even half only; the odd half is for reports.
"""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

_CLONE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class EvalPage:
    """A page with its known body text."""

    key: str
    url: str
    html: bytes
    truth: str


def eval_folder() -> Path:
    """Where the large sets lie: `$KONTUM_EVAL`, or `shared` beside the clone."""
    return Path(os.environ.get("KONTUM_EVAL", _CLONE.parent / "shared"))


def aeb_pages(half: str = "all", root: Path | None = None) -> list[EvalPage]:
    """Pages sorted by key; half is `even`, `odd` (by the first hex digit of the key) or `all`.

    Raises FileNotFoundError when the set is not there.
    """
    folder = (root or eval_folder()) / "pages-eval" / "aeb"
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        EvalPage(
            key,
            truth[key]["url"],
            gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()),
            truth[key]["articleBody"],
        )
        for key in sorted(truth)
        if half == "all" or half_of(key) == half
    ]


def half_of(key: str) -> str:
    """`even` or `odd`, by the first hex digit of a page's key."""
    return "even" if int(key[0], 16) % 2 == 0 else "odd"
