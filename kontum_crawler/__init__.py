"""An archival crawler for provincial government portals.

Discover, fetch, capture, extract, store, search, browse: `docs/architecture.md` draws the way of a
page. The one name that other programs need is `Archive`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kontum_crawler.store import Archive

__all__ = ["Archive", "__version__"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Opening an archive needs SQLite and the portal files; `import kontum_crawler` should not.
    if name == "Archive":
        from kontum_crawler.store import Archive

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
