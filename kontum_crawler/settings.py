"""Settings of the Scrapy project; each with its reason where it is not Scrapy's default.

Limits of size and time by kind of page are in LIMITS, read by scheduler.py. `scrapy crawl portal -a
portal=kkt` uses this module as it is; `kontum crawl` adds what the command line says.
"""

from kontum_crawler.store import config

BOT_NAME = "kontum_crawler"
SPIDER_MODULES = ["kontum_crawler.spiders"]
NEWSPIDER_MODULE = "kontum_crawler.spiders"

# The capture's handler runs on asyncio alone.
TWISTED_REACTOR_ENABLED = False
DOWNLOAD_HANDLERS = {
    "http": "kontum_crawler.handlers.download.WireDownloadHandler",
    "https": "kontum_crawler.handlers.download.WireDownloadHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

# Scrapy starts a remote control and a telnet console, and checks no certificate.
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
EXTENSIONS = {"kontum_crawler.extensions.Progress": 500}
DOWNLOAD_VERIFY_CERTIFICATES = True
HTTPCACHE_ENABLED = False

# The spiders put version and contact in its place.
USER_AGENT = f"{BOT_NAME} (+{config.PROJECT})"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
}

SCHEDULER = "kontum_crawler.scheduler.FrontierScheduler"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
CONCURRENT_REQUESTS = 4
CONCURRENT_REQUESTS_PER_DOMAIN = 4
CONCURRENT_ITEMS = 1
DOWNLOAD_DELAY = 0
DOWNLOAD_DELAY_JITTER = 0.0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 128_000_000
DOWNLOAD_WARNSIZE = 0
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 64_000_000

# Idle middlewares cost time on each page; ours do robots, retries, redirects and decoding.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": 300,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}
DOWNLOADER_MIDDLEWARES = {
    "kontum_crawler.middlewares.robots.RobotsMiddleware": 100,
    "kontum_crawler.middlewares.politeness.PolitenessMiddleware": 200,
    "kontum_crawler.middlewares.retries.RetryMiddleware": 550,
    "kontum_crawler.middlewares.cookies.CookiesMiddleware": 700,
    "kontum_crawler.middlewares.capture.CaptureMiddleware": 950,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
ITEM_PIPELINES = {"kontum_crawler.pipelines.ArchivePipeline": 900}

FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "INFO"
LOG_FORMATTER = "scrapy.logformatter.LogFormatter"

KONTUM_ARCHIVE = None
KONTUM_CONNECT_TO = None
KONTUM_NAMED_HOSTS: list[str] = []
KONTUM_UNVERIFIED_HOSTS: list[str] = []
KONTUM_RESOLVER = None
KONTUM_LEASE_SECONDS = 1200
KONTUM_TRIES = 3
KONTUM_TRIES_AFTER_TIMEOUT = 2
KONTUM_RETRY_DELAYS = [2.0, 8.0]  # seconds
KONTUM_LONGEST_PAUSE = 600.0
KONTUM_FAILURES_IN_A_ROW = 12
KONTUM_MAX_REDIRECTS = 10
KONTUM_MAX_DEPTH = 30
KONTUM_TRAP_PAGES = 50
KONTUM_LIMITS = {
    # kind: (seconds in all, seconds without a byte, bytes)
    "page": (30.0, 30.0, 4_000_000),
    "text": (30.0, 30.0, 32_000_000),
    "document": (900.0, 60.0, 128_000_000),
}
