"""Serve the sample portal from a shell: `python -m kontum_crawler.sample --port 8800`."""

import argparse
import asyncio
import sys
from pathlib import Path

from . import faults, looks
from .options import Churn, Options
from .server import serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; the first line printed is the base address. 1: the port is taken."""
    asked = _parser().parse_args(arguments)
    try:
        asyncio.run(
            serve(
                asked.port,
                options=_options(asked),
                truth_file=asked.truth,
                log_file=asked.log,
                ready=lambda base: (sys.stdout.write(f"{base}\n"), sys.stdout.flush()),
            )
        )
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"port {asked.port} on 127.0.0.1: {error.strerror}\n")
        return 1
    return 0


def _options(asked: argparse.Namespace) -> Options:
    return Options(
        articles=asked.articles,
        day=asked.day,
        planned=not asked.no_planned,
        churn=Churn(*asked.churn),
        layout=asked.layout,
        rename=frozenset(asked.rename_field),
        drop=frozenset(asked.drop_field),
        login_for_all=asked.login_for_all,
        faults={path: faults.check(kind) for path, _, kind in asked.fault},
        crawl_delay=asked.crawl_delay,
        latency=asked.latency,
        validators=not asked.no_validators,
        print_allowed=asked.print_allowed,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kontum_crawler.sample", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 (default) takes a free one")
    add("--day", type=int, default=1, help="1, 2 (planned changes) or a later day (churn only)")
    add("--articles", type=int, default=60, help="articles of day 1")
    add("--truth", type=Path, help="write the truth to this file (JSON)")
    add("--log", type=Path, help="append each request to this file (JSON lines)")
    add("--no-planned", action="store_true", help="without the planned changes of day 2")
    add("--churn", type=int, nargs=3, default=[2, 1, 1], metavar=("NEW", "EDITED", "GONE"),
        help="generated articles that change on each later day")  # fmt: skip
    add("--layout", type=int, choices=sorted(looks.ELEMENTS), default=1)
    fields = sorted(looks.ELEMENTS[1])
    add("--rename-field", action="append", default=[], choices=fields)
    add("--drop-field", action="append", default=[], choices=fields)
    add("--login-for-all", action="store_true", help="every page is a login page")
    kinds = ", ".join(faults.KINDS)
    add("--fault", action="append", default=[], type=lambda text: text.rpartition("="),
        metavar="PATH=KIND", help=f"kinds: {kinds}; PATH * is everything")  # fmt: skip
    add("--crawl-delay", type=float, help="seconds, in robots.txt")
    add("--latency", type=float, default=0.0, help="seconds before each answer")
    add("--no-validators", action="store_true", help="no ETag and Last-Modified")
    add("--print-allowed", action="store_true", help="robots.txt lets print copies be fetched")
    return parser


if __name__ == "__main__":
    sys.exit(main())
