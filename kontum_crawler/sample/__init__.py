"""A small provincial portal of our own, served over loopback: for `kontum demo` and for tests.

It imports nothing of the rest of the package, so what it says is true is not what the crawler
thinks. `python -m kontum_crawler.sample --help` serves it; tests use `Sample`.
"""

from .options import Churn, Options
from .portal import Portal
from .server import Request, Sample, serve

__all__ = ["Churn", "Options", "Portal", "Request", "Sample", "serve"]
