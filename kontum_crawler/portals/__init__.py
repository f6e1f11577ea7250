"""Portals as data: one TOML file each, families for the shared part, and the registry of them."""

from functools import lru_cache

from kontum_crawler.portals.loading import check, load
from kontum_crawler.portals.portal import Address, Layout, Pattern, Portal
from kontum_crawler.portals.registry import Registry

__all__ = ["Address", "Layout", "Pattern", "Portal", "Registry", "all", "check", "get", "load"]


@lru_cache(maxsize=1)
def built_in() -> Registry:
    """The registry of the portals that come with the package."""
    return Registry()


def get(key: str) -> Portal:
    """A built-in portal by its key. Raises UsageError for an unknown one."""
    return built_in().get(key)


def all() -> list[Portal]:
    """The built-in portals, sorted by key."""
    return built_in().all()
