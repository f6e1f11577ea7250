"""Which texts an article had, one after the other.

An edit adds a version, and an edit taken back is a third one with the first one's hash. An older
text counts as taken back only when the address that shows it has itself shown a later one; a
mirror or a second category that lags behind shows the past, not an edit.
"""

from collections.abc import Sequence

from kontum_crawler.store.identity.facts import Observation, Version


def history(own: Sequence[Observation]) -> tuple[list[Version], Observation]:
    """The versions of an article, and the observation that shows its present text.

    own: its good observations in order of time, at least one.
    """
    versions: list[Version] = []
    latest: dict[str | None, int] = {}
    furthest: dict[str, int] = {}
    current = own[0]
    for seen in own:
        known = latest.get(seen.content_hash)
        if known is not None and known < len(versions) and furthest.get(seen.url_key, 0) <= known:
            furthest[seen.url_key] = known
            continue
        if known is None or known < len(versions):
            versions.append(Version(len(versions) + 1, seen))
            latest[seen.content_hash] = len(versions)
        furthest[seen.url_key] = len(versions)
        current = seen
    return versions, current
