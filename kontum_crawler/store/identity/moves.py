"""Where redirects lead: from the address of an observation to a page that showed an article."""

from collections.abc import Collection, Iterable

from kontum_crawler.store.identity.facts import REDIRECT, Observation

HOPS = 10
"""Redirects that are followed before a chain counts as a loop."""


class Moves:
    """The redirects among a set of observations, and the pages that showed an article."""

    def __init__(self, ordered: Iterable[Observation], own_pages: Collection[str]) -> None:
        """ordered: observations by time. own_pages: page keys that answered with an article."""
        self._own_pages = own_pages
        self._from: dict[str, list[Observation]] = {}
        for seen in ordered:
            if seen.kind == REDIRECT and seen.target_page is not None:
                self._from.setdefault(seen.page_key, []).append(seen)

    def end(self, seen: Observation, *, permanent: bool) -> str | None:
        """The page that a redirect leads to in the end; None where that is no article's page.

        permanent: only over redirects that say so.
        """
        moment = seen.fetched_at
        step: Observation | None = seen
        for _ in range(HOPS):
            if step is None or (permanent and not step.permanent):
                return None
            page = step.target_page
            if page is None or page in self._own_pages:
                return page
            step = self._nearest(page, moment)
        return None

    def _nearest(self, page: str, moment: str) -> Observation | None:
        """The redirect of a page at that time or next after it, otherwise its last one."""
        known = self._from.get(page, [])
        return next(
            (seen for seen in known if seen.fetched_at >= moment), known[-1] if known else None
        )
