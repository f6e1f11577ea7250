"""Which addresses a crawl may connect to.

A portal's name that resolves to a private address would let whoever owns the name read the
operator's own network. The address is judged where the socket is made, so that a name that resolves
to another address the second time gains nothing.
"""

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

NAT64 = IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):
    """An address of a private range that the command line did not name."""

    def __init__(self, address: str) -> None:
        super().__init__(
            errno.EACCES,
            f"{address} is a private address; name it on the command line to allow it",
        )


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, also behind IPv4-in-IPv6 notations."""
    ip = ip_address(address.split("%")[0])
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class AddressPolicy(AbstractResolver):
    """Resolves names, and makes sockets for public addresses and those of named hosts only.

    named: host names and addresses that the operator wrote: on the command line, as a proxy.
    """

    def __init__(self, named: set[str], resolver: AbstractResolver | None = None) -> None:
        self.named = {name.lower().strip("[]") for name in named}
        self._allowed = {name for name in self.named if _is_address(name)}
        self._resolver = resolver or DefaultResolver()

    def name(self, host: str) -> None:
        """Allow one more host, whatever it resolves to."""
        host = host.lower().strip("[]")
        self.named.add(host)
        if _is_address(host):
            self._allowed.add(host)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        if host.lower() in self.named:
            self._allowed.update(result["host"] for result in results)
        return results

    async def close(self) -> None:
        await self._resolver.close()

    def make_socket(self, info: Any) -> socket.socket:
        """A socket for one address; `info` as getaddrinfo gives it. Raises AddressRefused."""
        family, kind, protocol, _, address = info
        host = str(address[0])
        if host not in self._allowed and not is_public(host):
            raise AddressRefused(host)
        return socket.socket(family=family, type=kind, proto=protocol)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
