"""How a sample portal is to behave; tests change these while it runs."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Churn:
    """How many generated articles appear, are edited and vanish on each day after the first."""

    new: int = 2
    edited: int = 1
    gone: int = 1


@dataclass(slots=True)
class Options:
    """Everything that can be chosen about a sample portal.

    articles: rows that a complete crawl of day 1 must give; planned changes of day 2 come on top.
    day: 1 is the first, 2 has the planned changes, later days only churn.
    planned: whether the hand-made changes of day 2 happen (`churn` is separate).
    layout: 1 or 2, the looks of the whole portal.
    rename, drop: fields (title, lead, published_at, body, byline, category, tags) whose element
    was renamed overnight, or is no longer printed.
    faults: path prefix to fault, see `faults.KINDS`; `*` is every path but robots.txt.
    crawl_delay: seconds in robots.txt, None for no such line.
    latency: seconds that each answer takes.
    validators: whether ETag and Last-Modified are sent.
    print_allowed: whether robots.txt lets the print copies be fetched.
    """

    articles: int = 60
    day: int = 1
    planned: bool = True
    churn: Churn = field(default_factory=Churn)
    layout: int = 1
    rename: frozenset[str] = frozenset()
    drop: frozenset[str] = frozenset()
    login_for_all: bool = False
    faults: dict[str, str] = field(default_factory=dict)
    crawl_delay: float | None = None
    latency: float = 0.0
    validators: bool = True
    print_allowed: bool = False
