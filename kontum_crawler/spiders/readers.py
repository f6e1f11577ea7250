"""Who reads answers: a thread off the event loop, or processes where more were asked for."""

import asyncio
import multiprocessing
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor

from kontum_crawler.portals import Portal
from kontum_crawler.spiders.reading import Reading, Received, read

_PORTAL: list[Portal] = []


class Readers:
    """Reads the answers of one portal; workers: processes, 1 for a thread of this one."""

    def __init__(self, portal: Portal, workers: int) -> None:
        self.portal = portal
        self.processes = workers > 1
        self._executor: Executor
        if self.processes:
            self._executor = ProcessPoolExecutor(
                workers, multiprocessing.get_context("spawn"), _begin, (portal,)
            )
        else:
            self._executor = ThreadPoolExecutor(1, thread_name_prefix="read")

    async def read(self, received: Received, kind: str) -> Reading:
        """What an answer says."""
        loop = asyncio.get_running_loop()
        if self.processes:
            return await loop.run_in_executor(self._executor, _read, received, kind)
        return await loop.run_in_executor(self._executor, read, received, kind, self.portal)

    def close(self) -> None:
        """Let the threads or processes go."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _begin(portal: Portal) -> None:
    # Ctrl-C reaches the whole group of processes; the crawl itself decides when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _PORTAL[:] = [portal]


def _read(received: Received, kind: str) -> Reading:
    return read(received, kind, _PORTAL[0])
