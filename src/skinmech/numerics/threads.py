"""Independent jobs on the cores of this process."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def in_threads(
    job: Callable[[int], Result], count: int, done: Callable[[int], None] | None = None
) -> list[Result]:
    """Run `job(0)` to `job(count - 1)`, as many at a time as there are cores.

    Compiled programs release Python's lock, so threads share the cores. The first job runs alone:
    it compiles, and the others find the program ready.

    Args:
        job: By index; must not depend on another job.
        count: How many.
        done: Called with the number of finished jobs, in order, from the calling thread.

    Returns:
        Results in the order of the index.
    """
    results: list[Result] = []
    pool = ThreadPoolExecutor(max(1, min(count - 1, os.cpu_count() or 1, 8)))
    try:
        if count:
            results.append(job(0))
            if done is not None:
                done(1)
        for result in pool.map(job, range(1, count)):
            results.append(result)
            if done is not None:
                done(len(results))
    finally:
        pool.shutdown(cancel_futures=True)  # an interruption does not wait for what has not begun
    return results
