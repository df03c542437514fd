"""Executors run every task once as far as results go, keep order, and hold few at a time."""

import functools
import itertools
import os
import signal
import threading
from pathlib import Path

import pytest

from benchmarks.cheap_patients import CheapSolver, plan
from skinmech_calibration.cohorts import run_cohort
from skinmech_calibration.executors import DaskExecutor, ThreadExecutor


def power(exponent, number):
    """A job that other processes can import."""
    return number**exponent


def test_threads_give_results_in_order_and_take_tasks_as_they_go():
    taken = []

    def tasks():
        for k in range(100):
            taken.append(k)
            yield k

    with ThreadExecutor(2) as executor:
        first = next(iter(executor.run(functools.partial(power, 2), tasks())))
        assert first[1] == first[0] ** 2
        assert len(taken) <= 4  # two run, one waits, one was asked for
        assert executor.map(functools.partial(power, 2), range(20)) == [k**2 for k in range(20)]


def test_an_error_in_a_job_is_the_callers():
    with ThreadExecutor(2) as executor, pytest.raises(ZeroDivisionError):
        list(executor.run(lambda k: 1 // (k - 5), range(10)))


def test_threads_work_at_the_same_time():
    barrier = threading.Barrier(2, timeout=20)
    with ThreadExecutor(2) as executor:
        # Each job waits for the other: one after the other they would never end.
        assert sorted(executor.map(lambda _: barrier.wait(), range(2))) == [0, 1]


@pytest.fixture(scope="module")
def cluster():
    pytest.importorskip("distributed")
    with DaskExecutor(workers=2) as executor:
        yield executor


def test_dask_maps_as_threads_do(cluster):
    assert cluster.map(functools.partial(power, 3), range(12)) == [k**3 for k in range(12)]


def test_a_worker_killed_in_the_middle_costs_only_its_chunk(cluster, tmp_path):
    reference, path = tmp_path / "reference.h5", tmp_path / "c.h5"
    cohort = plan(120, solver=CheapSolver(turns=20_000))
    run_cohort(cohort, reference)
    victim = itertools.count()
    pids = [worker.pid for worker in cluster.cluster.workers.values()]
    assert len(set(pids)) == 2 and os.getpid() not in pids

    def on_progress(progress):
        if next(victim) == 4:
            os.kill(pids[0], signal.SIGKILL)

    run_cohort(cohort, path, executor=cluster, size=5, progress=on_progress)
    assert next(victim) == 1 + 120 // 5  # no chunk came twice
    assert path.read_bytes() == reference.read_bytes()
    assert list(tmp_path.glob("*.parts")) == []
    assert Path(reference).stat().st_size > 0
