"""Since when an article is gone, by the answers of the addresses that showed it.

An address is gone with a 404 or 410, or with two soft answers (a soft 404, a redirect to a front
page or listing) of two runs and no good one between. The article is gone when all its own addresses
are; one that redirects to another of them counts as that one. Anything else says nothing.
"""

from collections.abc import Collection, Sequence

from kontum_crawler.store.identity.facts import GONE, SOFT_GONE, Observation
from kontum_crawler.store.identity.moves import Moves

HERE = "here"
AWAY = "away"


def gone_at(members: Sequence[Observation], moves: Moves) -> str | None:
    """The capture time of the answer that completed the proof; None while the article is there.

    members: all observations of one article in order of time.
    """
    addresses: dict[str, _Address] = {}
    pages: dict[str, list[_Address]] = {}
    own_pages = {seen.page_key for seen in members if seen.owns}
    since: str | None = None
    for seen in members:
        address = addresses.get(seen.url_key)
        if seen.owns:
            if address is None:
                address = addresses[seen.url_key] = _Address(seen.page_key)
                pages.setdefault(seen.page_key, []).append(address)
            address.state, address.doubted_by = HERE, None
        elif address is None:
            continue  # Print copies, and addresses that only redirected, prove nothing.
        else:
            address.hear(seen, moves, own_pages, alone=len(pages[address.page]) == 1)
        if not all(known.is_gone(pages, set()) for known in addresses.values()):
            since = None
        elif since is None:
            since = seen.fetched_at
    return since


class _Address:
    """What is known of one own address: here, away, or the page that it redirects to."""

    __slots__ = ("doubted_by", "page", "state")

    def __init__(self, page: str) -> None:
        self.page = page
        self.state = HERE
        self.doubted_by: str | None = None

    def hear(
        self, seen: Observation, moves: Moves, own_pages: Collection[str], *, alone: bool
    ) -> None:
        """Take an answer that was not the article. alone: its page has no other address.

        A redirect to itself (from http to https) says nothing about what is there.
        """
        if seen.kind == GONE:
            self.state, self.doubted_by = AWAY, None
        elif seen.kind == SOFT_GONE:
            if self.doubted_by is not None and self.doubted_by != seen.run_key:
                self.state = AWAY
            elif self.doubted_by is None:
                self.doubted_by = seen.run_key
        else:
            page = moves.end(seen, permanent=False)
            if page in own_pages and not (alone and page == self.page):
                self.state, self.doubted_by = f"at {page}", None

    def is_gone(self, pages: dict[str, list["_Address"]], asked: set[int]) -> bool:
        """Whether it is away, or leads only to addresses of the article that are."""
        if not self.state.startswith("at "):
            return self.state == AWAY
        asked.add(id(self))
        others = [other for other in pages.get(self.state[3:], []) if other is not self]
        return bool(others) and all(
            id(other) not in asked and other.is_gone(pages, asked) for other in others
        )
