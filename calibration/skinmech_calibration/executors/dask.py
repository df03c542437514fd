"""Workers of dask.distributed, here or on a cluster; a lost worker costs the tasks it had."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from ..errors import CalibrationError
from .base import Executor, Result, Task
from .threads import usable_cores

_PER_WORKER = 2  # tasks in flight, so that a worker never waits for the next
_LOSSES = 20  # of one task with its worker; more means that the task itself ends workers
_LOOK, _ALONE = 0.02, 300.0  # seconds between looks for results, and for workers
_PATIENCE = 20  # seconds for workers to end; what is left ends with this process
_ENVIRONMENT = {
    "EQX_ON_ERROR": "nan",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}  # one thread in each worker
_SETTINGS: dict[str, Any] = {
    "distributed.nanny.pre-spawn-environ": _ENVIRONMENT,
    "distributed.scheduler.allowed-failures": _LOSSES,
    # A worker that is started anew imports JAX first; dask would give it up after 15 s.
    "distributed.deploy.lost-worker-timeout": "10 minutes",
}


class DaskExecutor(Executor):
    """Processes of a cluster.

    Args:
        scheduler: Address of a running scheduler, such as `"tcp://head:8786"`; None: processes of
            this machine, listening on 127.0.0.1 only.
        workers: Processes of this machine; default one for each core.

    Attributes:
        client: Of the scheduler.
        cluster: The processes of this machine, or None.

    Raises:
        CalibrationError: dask.distributed is not installed, or the scheduler does not answer.
    """

    def __init__(self, scheduler: str | None = None, workers: int | None = None):
        try:
            import dask
            from distributed import Client, LocalCluster
        except ImportError as error:
            raise CalibrationError(
                "The engine 'dask' needs dask.distributed, which is not installed. Run "
                "pip install 'skinmech[dask]', or leave --engine away."
            ) from error
        # Read when a worker is lost, so they hold as long as this executor.
        self._settings = dask.config.set(_SETTINGS)  # pyright: ignore[reportPrivateImportUsage]
        self.cluster = None
        if scheduler is None:
            self.cluster = LocalCluster(
                n_workers=max(1, workers or usable_cores()),
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,  # pyright: ignore[reportArgumentType]
            )
        try:
            self.client = Client(self.cluster or scheduler, set_as_default=False)
        except OSError as error:
            self._settings.__exit__(None, None, None)
            raise CalibrationError(
                f"No scheduler answers at '{scheduler}'. Expected an address such as "
                "tcp://head:8786 of a running 'dask scheduler'."
            ) from error

    @property
    def workers(self) -> int:  # type: ignore[override]
        """Threads of all workers that are there now."""
        threads: Any = self.client.nthreads()
        return max(1, sum(threads.values()))

    def run(
        self, job: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """See `Executor.run`; a task whose worker is lost is run again by another."""
        from distributed import as_completed

        left = iter(tasks)
        running: dict[Any, Task] = {}
        flow = as_completed(loop=self.client.loop)
        try:
            while True:
                for task in islice(left, max(0, _PER_WORKER * self.workers - len(running))):
                    future = self.client.submit(job, task, pure=False)
                    running[future] = task
                    flow.add(future)
                if not running:
                    return
                self._wait(flow)
                future = next(flow)
                task = running.pop(future)
                yield task, future.result()
                future.release()
        finally:
            self.client.cancel(list(running), force=True)

    def _wait(self, flow: Any) -> None:
        """Until a task is done.

        Raises:
            CalibrationError: there is no worker left.
        """
        begun = time.monotonic()
        while not flow.has_ready():
            time.sleep(_LOOK)
            if time.monotonic() - begun < _ALONE:
                continue
            if not self.client.nthreads():
                raise CalibrationError(
                    "The cluster has had no worker for a while. What is done is kept: start "
                    "workers and run again."
                )
            begun = time.monotonic()

    def close(self) -> None:
        """See `Executor.close`; workers of another's scheduler stay."""
        self.client.close(timeout=_PATIENCE)
        if self.cluster is not None:
            self.cluster.close(timeout=_PATIENCE)
        self._settings.__exit__(None, None, None)
