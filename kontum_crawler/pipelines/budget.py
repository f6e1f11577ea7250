"""What a run may spend: requests and bytes, of one portal or of all that share a budget."""

from dataclasses import dataclass

from kontum_crawler.store.config import Config


@dataclass(slots=True)
class Budget:
    """What may be asked and received (None: any number), and what was so far.

    asked counts when a request goes out, so no request is ever one too many. What is received once
    the bytes are spent was in flight.
    """

    requests: int | None = None
    bytes: int | None = None
    asked: int = 0
    received: int = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be asked."""
        return (self.requests is not None and self.asked >= self.requests) or (
            self.bytes is not None and self.received >= self.bytes
        )


class Budgets:
    """The budgets of one run: `[limits]` is shared, a portal that states its own has its own."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._shared = Budget(config.limits.requests, config.limits.bytes)
        self._own: dict[str, Budget] = {}

    def of(self, portal: str) -> Budget:
        """The budget that a portal's requests are taken from."""
        stated = self._config.portals.get(portal)
        if stated is None or (stated.requests is None and stated.bytes is None):
            return self._shared
        if portal not in self._own:
            limits = self._config.limits_of(portal)
            self._own[portal] = Budget(limits.requests, limits.bytes)
        return self._own[portal]
