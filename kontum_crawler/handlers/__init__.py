"""How pages are fetched: Scrapy's download handler with a tape at the connection."""
