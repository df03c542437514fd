"""Threads of this process: compiled programs release Python's lock, so they share the cores."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from .base import Executor, Result, Task


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ThreadExecutor(Executor):
    """The default: no service, nothing to install.

    Args:
        workers: Threads; default one for each core.
    """

    def __init__(self, workers: int | None = None):
        self.workers = max(1, workers or usable_cores())
        self._pool = ThreadPoolExecutor(self.workers)

    def run(
        self, job: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """See `Executor.run`; at most one task waits beside those that run."""
        left = iter(tasks)
        running: dict[Future[Result], Task] = {}
        try:
            while True:
                for task in islice(left, self.workers + 1 - len(running)):
                    running[self._pool.submit(job, task)] = task
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        finally:
            for future in running:
                future.cancel()

    def close(self) -> None:
        """See `Executor.close`."""
        self._pool.shutdown(cancel_futures=True)
