"""Which portal an address belongs to: the built-in files, an archive's own, and unknown hosts."""

import difflib
from functools import lru_cache
from pathlib import Path

from kontum_crawler import urls
from kontum_crawler.errors import PortalFileError, UsageError
from kontum_crawler.portals.loading import load, of_family
from kontum_crawler.portals.portal import Portal, folded

BUILT_IN = Path(__file__).parent


class Registry:
    """The portals that are known, by key and by host.

    extra: a folder with portal files of the user's own, `<archive>/portals`; one with the key of a
    built-in portal takes its place. Raises PortalFileError for a wrong file, or where two portals
    claim one host.
    """

    def __init__(self, extra: Path | None = None) -> None:
        self._portals: dict[str, Portal] = dict(_built_in())
        self._paths = {key: BUILT_IN / f"{key}.toml" for key in self._portals}
        own: set[str] = set()
        for path in sorted(extra.glob("*.toml")) if extra and extra.is_dir() else ():
            portal = load(path)
            if portal.key in own:
                raise PortalFileError(f"{path}: key: {self._paths[portal.key]} has «{portal.key}»")
            own.add(portal.key)
            self._portals[portal.key] = portal
            self._paths[portal.key] = path
        self._by_host = self._hosts()
        self._generic: dict[str, Portal] = {}

    def _hosts(self) -> dict[str, Portal]:
        owners: dict[str, Portal] = {}
        for portal in self._portals.values():
            for host in {folded(name) for name in portal.hosts}:
                other = owners.setdefault(host, portal)
                if other is not portal:
                    raise PortalFileError(
                        f"{self._paths[portal.key]}: hosts: «{host}» belongs to portal"
                        f" «{other.key}» already ({self._paths[other.key]})"
                    )
        return owners

    def get(self, key: str) -> Portal:
        """The portal of that key. Raises UsageError, with the nearest key, for an unknown one."""
        if key in self._portals:
            return self._portals[key]
        near = difflib.get_close_matches(key, self._portals, n=1)
        hint = f" Did you mean «{near[0]}»?" if near else ""
        raise UsageError(f"no portal has the key «{key}».{hint} `kontum portals` lists them.")

    def all(self) -> list[Portal]:
        """Every known portal, sorted by key."""
        return [self._portals[key] for key in sorted(self._portals)]

    def for_url(self, url: str) -> Portal | None:
        """The portal whose host an address has; None for a host that no file names."""
        return self.for_host(urls.host(url))

    def for_host(self, host: str) -> Portal | None:
        """The portal that has this host, `www.` and `m.` aside; None for an unknown one."""
        return self._by_host.get(folded(host))

    def generic(self, host: str) -> Portal:
        """A portal for a host that no file names; its key is the host without `www.` and `m.`.

        Its addresses are read by the union of all families' forms, so that what identifies an
        article never hangs on the order in which its pages were seen; how a page is built is told
        by the page (`extract.family.detect`).
        """
        name = folded(host)
        if name not in self._generic:
            self._generic[name] = _generic(name)
        return self._generic[name]

    def path_of(self, key: str) -> Path:
        """The file of a known portal."""
        return self._paths[key]


def _generic(host: str) -> Portal:
    made = of_family("generic", host)
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return Portal(**(fields | {"family": None, "generic": True, "layouts": ()}))


@lru_cache(maxsize=1)
def _built_in() -> dict[str, Portal]:
    portals = [load(path) for path in sorted(BUILT_IN.glob("*.toml"))]
    return {portal.key: portal for portal in portals}
