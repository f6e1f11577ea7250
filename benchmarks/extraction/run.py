"""Our extractor and its peers on the public benchmark's pages, all in one run.

    python -m benchmarks.extraction.run [--half even|odd|all] [--only NAME ...] [--json FILE]

Prints F1 (precision/recall) and pages a second of one core, the best of up to three rounds. The odd
half is for reports: rules are made on the even one.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.extraction.aeb import EvalPage, aeb_pages, half_of
from benchmarks.extraction.peers import PEERS, load
from benchmarks.extraction.scorer import Score, score

OWN = ("kontum", "kontum + opinions")
ROUNDS = 3
ENOUGH = 12.0
"""Seconds after which no further round begins."""


def main() -> None:
    """Parse the options, measure, print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--half", choices=("even", "odd", "all"), default="all")
    options.add_argument("--only", nargs="*", default=[*OWN, *PEERS])
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    pages = aeb_pages(chosen.half)
    halves = ("even", "odd", "all") if chosen.half == "all" else (chosen.half,)
    print(f"{'extractor':<24}" + "".join(f"{half:>22}" for half in halves) + f"{'pages/s':>10}")
    report = {}
    for name in chosen.only:
        try:
            extractor = _load(name)
        except ImportError as error:
            print(f"{name:<24}not installed: {error.name}")
            continue
        answers, rate = measure(extractor, pages)
        scores = {half: _score(pages, answers, half) for half in halves}
        report[name] = {half: one.f1 for half, one in scores.items()} | {"pages/s": rate}
        columns = "".join(
            f"{one.f1:>9.4f} ({one.precision:.3f}/{one.recall:.3f})"[:22].rjust(22)
            for one in scores.values()
        )
        print(f"{name:<24}{columns}{rate:>10.1f}", flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def measure(
    extractor: Callable[[str, str], str], pages: list[EvalPage]
) -> tuple[dict[str, str], float]:
    """Answers by key, and pages a second of processor time in the best of up to three rounds."""
    texts = [(page, page.html.decode("utf-8", "replace")) for page in pages]
    extractor(texts[0][1], texts[0][0].url)
    answers: dict[str, str] = {}
    rounds: list[float] = []
    # Other work on the machine only ever slows a round down; slow extractors get one.
    while len(rounds) < ROUNDS and sum(rounds) < ENOUGH:
        start = time.process_time()
        for page, text in texts:
            answers[page.key] = _answer(extractor, text, page.url)
        rounds.append(time.process_time() - start)
    return answers, len(pages) / min(rounds)


def _answer(extractor: Callable[[str, str], str], text: str, url: str) -> str:
    try:
        return extractor(text, url)
    except Exception as error:
        # A peer that fails on a page has found nothing there; say so, go on.
        print(f"  {url[:60]}: {type(error).__name__}")
        return ""


def _score(pages: list[EvalPage], answers: dict[str, str], half: str) -> Score:
    return score(
        (page.truth, answers[page.key])
        for page in pages
        if half == "all" or half_of(page.key) == half
    )


def _load(name: str) -> Callable[[str, str], str]:
    if name == OWN[0]:
        from kontum_crawler.extract import generic

        return generic.body_text
    if name == OWN[1]:
        from kontum_crawler.extract import opinions

        return lambda html, url: opinions.body_text(html).text
    return load(name)


if __name__ == "__main__":
    main()
