"""A line on the terminal that tells how the crawl goes; silent under cron."""

from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured


class Progress:
    """Tells a callback (`KONTUM_PROGRESS`) of each answer; not there without one."""

    def __init__(self, crawler: Crawler) -> None:
        self.tell: Any = crawler.settings.get("KONTUM_PROGRESS")
        if self.tell is None:
            raise NotConfigured
        crawler.signals.connect(self.response_received, signal=signals.response_received)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Progress":
        return cls(crawler)

    def response_received(self, spider: Spider) -> None:
        """Tell how far the run is."""
        self.tell(spider)
