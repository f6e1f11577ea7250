"""From what was fetched to what is held: capture first, article second, frontier last."""

from typing import TYPE_CHECKING, Any, cast

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from kontum_crawler.items import Article

if TYPE_CHECKING:
    from kontum_crawler.spiders.portal import PortalSpider


class ArchivePipeline:
    """Lets an article pass once its capture and its rows are committed.

    So whoever reads the feed (`-O out.jsonl`) reads only what the archive holds.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ArchivePipeline":
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        """Wait for the commit of an article; other items pass. Raises DropItem without one."""
        if isinstance(item, Article):
            spider = cast("PortalSpider", self.crawler.spider)
            if not await spider.committed(item):
                raise DropItem(f"{item.url} could not be kept", log_level="DEBUG")
        return item
