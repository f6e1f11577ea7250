"""The archive: one SQLite file and a folder of WARCs, and all that is done with them."""

from kontum_crawler.store.archive import Archive, Recorded

__all__ = ["Archive", "Recorded"]
