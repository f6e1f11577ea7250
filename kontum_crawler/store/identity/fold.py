"""Which articles a set of observations shows: a pure fold, so order of arrival never matters.

The rows of articles, addresses and versions are a function of the observations in the order of
capture time (then native id as a number, then URL). So a capture that comes late takes its place in
time, and a rebuild gives the same rows. The rules, one by one: docs/identity.md.
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence

from kontum_crawler import urls
from kontum_crawler.store.identity.facts import (
    GOOD,
    REDIRECT,
    Account,
    Observation,
    SeenUrl,
    order,
)
from kontum_crawler.store.identity.moves import Moves
from kontum_crawler.store.identity.proofs import gone_at
from kontum_crawler.store.identity.versions import history


def fold(observations: Iterable[Observation]) -> list[Account]:
    """The articles of one portal that these observations show, oldest first.

    observations: all that share a page, a slug, a native id or a redirect with one another.
    """
    ordered = sorted(observations, key=order)
    own = [seen for seen in ordered if seen.owns]
    moves = Moves(ordered, {seen.page_key for seen in own})
    shelf = _Shelf()
    for page in _pages(own, ordered, moves):
        shelf.place(page)
    for page in _strays(shelf, ordered):
        shelf.place(page, whenever=True)
    articles = sorted(shelf.articles, key=lambda article: order(_own(article)[0]))
    accounts = [_account(sorted(article, key=order)) for article in articles]
    _add_the_rest(accounts, ordered, moves)
    for account in accounts:
        account.urls = _urls(account.members)
        account.gone_at = gone_at(account.members, moves)
    _name_twins(accounts)
    return accounts


def _own(article: Sequence[Observation]) -> Sequence[Observation]:
    """Its own answers; where only print or saved copies are known, those."""
    return [seen for seen in article if not seen.alias] or article


def _pages(
    own: Sequence[Observation], ordered: Sequence[Observation], moves: Moves
) -> list[list[Observation]]:
    """Own answers by page, native id of one id space, and permanent redirect; oldest group first.

    An address counts as old only from a redirect on that came after it had shown an article.
    """
    groups = _Groups()
    began: dict[str, tuple[object, ...]] = {}
    for seen in own:
        began.setdefault(seen.page_key, order(seen))
        if seen.native_key is not None:
            groups.join(seen.page_key, seen.native_key)
    for seen in ordered:
        if seen.kind != REDIRECT or seen.page_key not in began:
            continue
        if began[seen.page_key] < order(seen):
            target = moves.end(seen, permanent=True)
            if target is not None:
                groups.join(seen.page_key, target)
    found: dict[Hashable, list[Observation]] = {}
    for seen in own:
        found.setdefault(groups.leader(seen.page_key), []).append(seen)
    return list(found.values())


def _strays(shelf: "_Shelf", ordered: Sequence[Observation]) -> list[list[Observation]]:
    """Print and saved copies whose article was never seen itself; the others go to theirs."""
    strays: dict[Hashable, list[Observation]] = {}
    for seen in ordered:
        if seen.kind != GOOD or not seen.alias:
            continue
        original = shelf.original(seen)
        if original is not None:
            original.append(seen)
        else:
            strays.setdefault(seen.native_key or seen.page_key, []).append(seen)
    return list(strays.values())


class _Shelf:
    """Articles found so far, and where a page's observations belong among them."""

    def __init__(self) -> None:
        self.articles: list[list[Observation]] = []
        self._by_text: dict[str | None, dict[int, list[Observation]]] = {}
        self._by_slug: dict[str | None, dict[int, list[Observation]]] = {}
        self._by_page: dict[Hashable, list[Observation]] = {}

    def place(self, page: list[Observation], *, whenever: bool = False) -> None:
        """Join the article that had this slug and this text when the page was first seen.

        Later likeness joins nothing: a URL held as an article's own stays its own.
        whenever: for copies, which own nothing, an article seen later will do.
        """
        known = self._by_text.get(page[0].content_hash, {})
        article = next((each for each in known.values() if _had(each, page[0], whenever)), None)
        if article is None:
            article = []
            self.articles.append(article)
        article.extend(page)
        for seen in page:
            self._by_text.setdefault(seen.content_hash, {})[id(article)] = article
            self._by_slug.setdefault(seen.slug, {})[id(article)] = article
            self._by_page.setdefault(seen.page_key, article)
            if seen.native_key is not None:
                self._by_page.setdefault(seen.native_key, article)

    def original(self, copy: Observation) -> list[Observation] | None:
        """The article that a print or saved copy shows: by page, native id, or slug."""
        found = self._by_page.get(copy.page_key)
        if found is None and copy.native_key is not None:
            found = self._by_page.get(copy.native_key)
        if found is not None:
            return found
        namesakes = [
            article
            for article in self._by_slug.get(copy.slug, {}).values()
            if copy.native_key is None or all(seen.native_key is None for seen in article)
        ]
        same_text = [
            article
            for article in namesakes
            if any(seen.content_hash == copy.content_hash for seen in article)
        ]
        return next(iter(same_text or namesakes), None)


def _had(article: Iterable[Observation], first: Observation, whenever: bool) -> bool:
    """Whether an article had a slug and a text before this observation showed both."""
    before = [seen for seen in article if whenever or order(seen) < order(first)]
    return any(seen.slug == first.slug for seen in before) and any(
        seen.content_hash == first.content_hash for seen in before
    )


def _account(article: Sequence[Observation]) -> Account:
    """All that the good answers of one article say; observations by time."""
    own = _own(article)
    versions, current = history(own)
    named = [seen for seen in own if not seen.from_title]
    return Account(
        # A slug made from the title stays when the title changes; one of the URL moves with it.
        slug=(named[-1] if named else own[0]).slug or "",
        newest=own[-1],
        current=current,
        versions=versions,
        urls=[],
        first_seen_at=own[0].fetched_at,
        last_seen_at=own[-1].fetched_at,
        gone_at=None,
        members=list(article),
    )


def _add_the_rest(
    accounts: Sequence[Account], ordered: Sequence[Observation], moves: Moves
) -> None:
    """Give redirects and proofs of absence to the article that they are about."""
    owners: dict[str, Account] = {}
    for account in accounts:
        for seen in account.members:
            if seen.owns or seen.page_key not in owners:
                owners[seen.page_key] = account
    for seen in ordered:
        if seen.kind == GOOD:
            continue
        owner = owners.get(seen.page_key)
        if owner is None and seen.kind == REDIRECT:
            target = moves.end(seen, permanent=False)
            owner = owners.get(target) if target is not None else None
        if owner is not None:
            owner.members.append(seen)
    for account in accounts:
        account.members.sort(key=order)


def _urls(members: Iterable[Observation]) -> list[SeenUrl]:
    """Addresses that answered with the article, then those that only redirected to it for good."""
    times: dict[str, list[str]] = {}
    for seen in members:
        if seen.kind == GOOD:
            times.setdefault(seen.url, []).append(seen.fetched_at)
    moved: dict[str, list[str]] = {}
    for seen in members:
        if seen.kind == REDIRECT and seen.permanent and seen.url not in times:
            moved.setdefault(seen.url, []).append(seen.fetched_at)
    return [SeenUrl(url, at[0], at[-1]) for url, at in sorted((times | moved).items())]


def _name_twins(accounts: Sequence[Account]) -> None:
    """Leave the plain slug to the oldest of its bearers; the others add their native id.

    accounts: oldest first; of one second, the smaller native id first.
    """
    taken: set[str] = set()
    for account in accounts:
        if account.slug in taken:
            account.slug = next(name for name in _twin_names(account) if name not in taken)
        taken.add(account.slug)


def _twin_names(account: Account) -> Iterable[str]:
    """Names for a twin, the usual first: id, or path; the long one is never taken."""
    own = _own([seen for seen in account.members if seen.kind == GOOD])
    bearer = next((seen for seen in own if seen.slug == account.slug), own[0])
    if bearer.native_id is not None:
        yield f"{account.slug}~{bearer.native_id}"
    digest = hashlib.sha256(urls.path_and_query(bearer.canonical_url).encode()).hexdigest()
    yield f"{account.slug}~{digest[:8]}"
    yield f"{account.slug}~{digest}"
    yield f"{account.slug}~{digest}-{hashlib.sha256(bearer.page_key.encode()).hexdigest()}"


class _Groups:
    """Sets that grow together (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def leader(self, item: Hashable) -> Hashable:
        """The member that stands for the item's set."""
        parent = self._parent.setdefault(item, item)
        while parent != item:
            self._parent[item] = self._parent.get(parent, parent)
            item, parent = parent, self._parent.get(parent, parent)
        return item

    def join(self, one: Hashable, other: Hashable) -> None:
        """Make the sets of two items one."""
        self._parent[self.leader(other)] = self.leader(one)
