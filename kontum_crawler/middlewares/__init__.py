"""Between Scrapy and the wire: robots.txt, politeness, retries, and the capture of each try."""

from typing import TYPE_CHECKING, cast

from scrapy.crawler import Crawler

if TYPE_CHECKING:
    from kontum_crawler.spiders.portal import PortalSpider


def spider_of(crawler: Crawler) -> "PortalSpider":
    """The spider of a crawler of ours."""
    return cast("PortalSpider", crawler.spider)
