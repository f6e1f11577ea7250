"""Where the walk of a mirror begins that stands in for a dead host."""

from collections.abc import Iterable
from urllib.parse import urljoin

from kontum_crawler import urls
from kontum_crawler.portals import Portal
from kontum_crawler.spiders.walk import Walk
from kontum_crawler.store.frontier import Link


def mirror_starts(portal: Portal, walk: Walk, hosts: Iterable[str]) -> tuple[list[Link], list[str]]:
    """Sources and start pages of mirrors, but for those of this run: new ones, and known ones."""
    links, due = [], []
    for host in hosts:
        for kind, reference in _references(portal):
            url = urls.address(urljoin(f"http://{host}/", reference))
            if url in walk.visited:
                continue
            if url in walk.urls:
                due.append(url)
            else:
                links.append(walk.queue(url, kind, ""))
            walk.visited.add(url)
            walk.start(url)
    return links, due


def _references(portal: Portal) -> list[tuple[str, str]]:
    feeds = (*portal.feeds, *portal.apis)
    named = [("sitemap", portal.sitemaps), ("feed", feeds), ("listing", portal.start_urls)]
    paths = [(kind, urls.path_and_query(each)) for kind, some in named for each in some]
    return [*paths, ("listing", "/")]
