"""Between Scrapy and the wire: robots.txt, politeness, retries, and the capture of each try."""
