"""Run a cohort: what is done is kept, what is missing is computed, and a stop costs little."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..executors import Executor, ThreadExecutor
from .chunk import Chunk, simulate_chunk
from .errors import CohortError
from .merge import merge_cohort
from .parts import Parts
from .plan import CohortPlan
from .result import identity_of
from .sealed import write_image


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a cohort stands.

    Attributes:
        done: Patients done, of this run and of earlier ones.
        total: Patients of the cohort, or of the shard.
        rate: Patients per second in this run; 0 before the first chunk.
        left: Seconds that the rest will take; inf before the first chunk.
    """

    done: int
    total: int
    rate: float
    left: float


def run_cohort(
    plan: CohortPlan,
    output: str | Path,
    *,
    executor: Executor | None = None,
    shard: tuple[int, int] | None = None,
    size: int | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Path | None:
    """Simulate every patient under every therapy and write one file.

    Chunks are written as they come to a folder beside the output. A run that was stopped, however
    hard, is called again and goes on: whole chunks of the same plan are not computed again,
    damaged ones are. Values depend on plan and seed alone, not on chunks, workers or shards.

    Args:
        plan: The cohort.
        output: The HDF5 file; its chunks go to the folder of the same name with `.parts` added.
        executor: What computes; default a thread for each core. It is not closed.
        shard: (number from 1 on, of how many): compute these chunks only. Whoever finds all
            chunks done joins them.
        size: Patients in a chunk; default by the number of patients.
        progress: Called at the start and after every chunk.

    Returns:
        The output, or None where other shards are still missing.

    Raises:
        CohortError: the output or the chunks beside it belong to another cohort.
        OSError: no space, or the folder cannot be written to; what is done is kept.
    """
    output = Path(output)
    number, shards = shard or (1, 1)
    if not 1 <= number <= shards:
        raise CohortError(f"Expected a shard from 1 to {shards}, got {number}.")
    if size is not None and size < 1:
        raise CohortError(f"Expected at least one patient in a chunk, got {size}.")
    identity = plan.identity()
    parts = Parts(output)
    if output.exists() and identity_of(output) == identity:
        if parts.is_begun and shard is None:
            parts.clear()  # of a run that was killed after its last step
        return output
    plan.solver.prepare(plan.therapies, plan.patients.block(0, 1)[0])
    parts.begin(plan, size)
    mine = [
        chunk for k, chunk in enumerate(plan.chunks(parts.told["size"], identity))
        if k % shards == number - 1
    ]  # fmt: skip
    waiting = [chunk for chunk in mine if not parts.has(parts.path(chunk))]
    meter = _Meter(sum(c.stop - c.start for c in mine), progress)
    meter.begin(sum(c.stop - c.start for c in mine) - sum(c.stop - c.start for c in waiting))
    for chunk, image in _computed(waiting, executor):
        write_image(parts.path(chunk), image)
        meter.add(chunk.stop - chunk.start)
    if all(path.exists() for path in parts.files):
        return merge_cohort(output, clear=shard is None)
    return None


def _computed(
    chunks: list[Chunk], executor: Executor | None
) -> Iterator[tuple[Chunk, bytes]]:  # fmt: skip
    if executor is not None:
        yield from executor.run(simulate_chunk, chunks)
        return
    with ThreadExecutor() as own:
        yield from own.run(simulate_chunk, chunks)


class _Meter:
    def __init__(self, total: int, tell: Callable[[Progress], None] | None):
        self.total, self.tell = total, tell
        self.before = self.done = 0
        self.since = time.monotonic()

    def begin(self, done: int) -> None:
        self.before = self.done = done
        self.since = time.monotonic()
        self._report()

    def add(self, count: int) -> None:
        self.done += count
        self._report()

    def _report(self) -> None:
        if self.tell is None:
            return
        rate = (self.done - self.before) / max(time.monotonic() - self.since, 1e-9)
        left = (self.total - self.done) / rate if rate else float("inf")
        self.tell(Progress(self.done, self.total, rate, left if self.done < self.total else 0.0))
