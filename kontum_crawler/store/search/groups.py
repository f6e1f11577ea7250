"""Near doubles: wire copies, re-posts and the same article in two generations of a portal.

Kept bands (`signatures.py`) find the candidates, the exact share of common runs decides, so a group
never rests on chance. Reports that share only a form («Dự báo thời tiết ngày …») differ in every
fifth word and stay apart.

A run looks only at articles that changed and at whatever shares a band or a group with them; that
gives the very groups that looking at everything gives.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from kontum_crawler.store.search import signatures
from kontum_crawler.store.search.signatures import Texts

SIMILAR = 0.6
"""Common runs divided by all runs of both texts (Jaccard), from which two are near doubles."""

CROWD = 50
"""Members of a band that the others are compared with, the first seen ones."""

MANY = 4
"""One changed article in so many: then looking at everything is no more work."""

Order = dict[int, tuple[str, str, str]]
"""When each article was first seen; ties by portal and slug."""

Crowds = Iterator[tuple[list[int], list[int]]]
"""Of each band its first seen members, and those that are compared with them, both in order."""


def regroup(db: sqlite3.Connection) -> int:
    """Bring `article_groups` up to date with the articles; returns how many are in a group.

    The member first seen leads: its id is the group's, its similarity 1, the others' is that with
    it. The same articles give the same groups in whatever order they came. 1 to 2 ms for each
    article that changed; call it in the transaction of whoever changed them.
    """
    signatures.watch_changes(db)
    queue = [row[0] for row in db.execute("SELECT article_id FROM group_queue ORDER BY article_id")]
    if queue:
        texts = Texts(db)
        (articles,) = db.execute("SELECT count(*) FROM articles").fetchone()
        if len(queue) * MANY > articles:
            for article in queue:
                signatures.renew(db, texts, article)
            order = _order(db, None)
            _group(db, texts, order, _all_bands(db, order), None)
        else:
            around = _around(db, texts, queue)
            order = _order(db, around)
            _group(db, texts, order, _bands_among(db, order), around)
        db.execute("DELETE FROM group_queue")
    return int(db.execute("SELECT count(*) FROM article_groups").fetchone()[0])


def _group(
    db: sqlite3.Connection, texts: Texts, order: Order, bands: Crowds, around: set[int] | None
) -> None:
    """Find the groups of these articles (`around` None: of all) and write them."""
    parent: dict[int, int] = {}
    for crowd, others in bands:
        for other in others:
            for one in crowd:
                if one == other:
                    break  # those seen later are compared with it in their turn
                _join(parent, texts, order, one, other)
    members = defaultdict(list)
    for article in parent:
        members[_root(parent, article)].append(article)
    if around is None:
        db.execute("DELETE FROM article_groups")
    else:
        db.execute(
            "DELETE FROM article_groups WHERE group_id IN (SELECT group_id FROM article_groups"
            " WHERE article_id IN (SELECT value FROM json_each(?)))"
            " OR group_id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(around)),) * 2,
        )
    for leader, others in members.items():
        rows = [(leader, leader, 1.0)]
        rows += [
            (leader, id_, round(texts.similarity(leader, id_), 4))
            for id_ in sorted(others)
            if id_ != leader
        ]
        db.executemany("INSERT INTO article_groups VALUES (?, ?, ?)", rows)


def _join(parent: dict[int, int], texts: Texts, order: Order, one: int, other: int) -> None:
    roots = _root(parent, one), _root(parent, other)
    if roots[0] != roots[1] and texts.similarity(one, other) >= SIMILAR:
        first, second = sorted(roots, key=order.__getitem__)
        parent[second] = first
        parent.setdefault(first, first)


def _root(parent: dict[int, int], article: int) -> int:
    while (above := parent.get(article, article)) != article:
        article = above
    return article


def _around(db: sqlite3.Connection, texts: Texts, queue: list[int]) -> set[int]:
    """The changed articles and all whose group may be another now.

    An untouched band says what it said before; so with every group that a touched band reaches,
    no comparison leads out of this set.
    """
    fresh: dict[int, set[int]] = defaultdict(set)
    stirred: set[int] = set()
    for article in queue:
        before, now = signatures.renew(db, texts, article)
        stirred.update(before)
        for band in now:
            fresh[band].add(article)
    found = set(queue)
    for band in stirred | fresh.keys():
        members = _members(db, band)
        if band not in stirred and len(members) > CROWD:
            # Nobody left, so who came last is compared with the crowd and changes nothing else.
            crowd = members[:CROWD]
            if not fresh[band].intersection(crowd):
                members = [*crowd, *fresh[band]]
        found.update(members)
    rows = db.execute(
        "SELECT article_id FROM article_groups WHERE group_id IN (SELECT group_id"
        " FROM article_groups WHERE article_id IN (SELECT value FROM json_each(:ids)))"
        " OR group_id IN (SELECT value FROM json_each(:ids))",
        {"ids": json.dumps(sorted(found))},
    )
    return found | {row[0] for row in rows}


def _members(db: sqlite3.Connection, band: int) -> list[int]:
    """The articles of a band, the first seen first."""
    rows = db.execute(
        "SELECT a.id FROM article_bands b JOIN articles a ON a.id = b.article_id"
        " WHERE b.band = ? ORDER BY a.first_seen_at, a.portal, a.slug",
        (band,),
    )
    return [row[0] for row in rows]


def _order(db: sqlite3.Connection, ids: Iterable[int] | None) -> Order:
    where = "" if ids is None else " WHERE id IN (SELECT value FROM json_each(?))"
    values = () if ids is None else (json.dumps(sorted(ids)),)
    rows = db.execute(f"SELECT id, first_seen_at, portal, slug FROM articles{where}", values)
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _all_bands(db: sqlite3.Connection, order: Order) -> Crowds:
    rows = db.execute("SELECT band, article_id FROM article_bands ORDER BY band")
    for _, group in groupby(rows, key=lambda row: row[0]):
        members = [row[1] for row in group if row[1] in order]
        if len(members) > 1:
            members.sort(key=order.__getitem__)
            yield members[:CROWD], members


def _bands_among(db: sqlite3.Connection, order: Order) -> Crowds:
    """The bands in which two of these articles stand, with their crowds cut to these articles."""
    shared: dict[int, list[int]] = defaultdict(list)
    for article in sorted(order, key=order.__getitem__):
        for band in signatures.kept_bands(db, article):
            shared[band].append(article)
    for band, members in shared.items():
        if len(members) > 1:
            crowd = _members(db, band)[:CROWD]
            yield [article for article in crowd if article in order], members
