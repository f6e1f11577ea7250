"""Why a request is not sent, although it could be."""

from scrapy.exceptions import IgnoreRequest


class OffSite(IgnoreRequest):
    """An address off the portal's hosts."""


class Stopped(IgnoreRequest):
    """The run, or this portal's part of it, is ending; the address stays in the queue."""


class RobotsForbids(IgnoreRequest):
    """The rules of the host do not allow this address."""


class HostClosed(IgnoreRequest):
    """The rules of the host could not be read, so nothing may be fetched from it."""
