"""Killed at ten random moments, a fit, a search and a sampler end as if they never had been.

A search is killed by SIGKILL, in processes of its own. For fit and sampler the kill is an error
that nothing catches, raised where the process would have died, with clean-up left out, which
spares the suite a minute of starting processes; `python -m tests.calibration._killed fit FOLDER 7
10` kills them by SIGKILL too.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import skinmech_calibration as cal

ROOT = Path(__file__).parent.parent.parent
KILLS = 10


class Killed(BaseException):
    """The process would be dead now."""


@pytest.fixture
def world(monkeypatch):
    """Counts what reaches the disk, and kills at the chosen event."""

    class World:
        at, count = 10**9, 0

        def event(self):
            self.count += 1
            if self.count >= self.at:
                raise Killed

        def kill_at(self, at):
            self.at, self.count = at, 0

    told = World()
    for name in ("fsync", "replace"):
        original = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, call=original: told.event() or call(*a))
    monkeypatch.setattr(Path, "unlink", lambda *a, **k: None)  # the dead do not clean up
    return told


def ten_kills(world, run, checkpoint):
    """Kill at random moments, always going on from the checkpoint; returns what it ends with."""
    world.kill_at(10**9)
    run(None)
    events, random, kills = max(world.count, 1), np.random.default_rng(7), 0
    while kills < KILLS:
        world.kill_at(int(random.integers(1, max(3, 0.4 * events))))
        try:
            run(checkpoint)
        except Killed:
            kills += 1
        else:  # at the end already: once more from the beginning
            checkpoint.rename(checkpoint.with_suffix(f".{kills}"))
    world.kill_at(10**9)
    return run(checkpoint)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_search_ends_the_same_after_ten_kills(tmp_path):
    paths = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "tests.calibration._killed", "search", str(tmp_path), "7", "10"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["killed"] >= 8 and told["equal"] and told["size"] > 100, told
    # What was done before a kill is not done again: little is left for the last run.
    assert told["resumed_events"] < told["events"], told


def test_a_fit_ends_the_same_after_ten_kills(formula, formula_problem, tmp_path, world):
    one = formula._one
    formula._one = lambda *args: world.event() or one(*args)

    def run(checkpoint):
        return cal.fit(formula_problem, starts=3, seed=5, checkpoint=checkpoint)

    whole = run(None)
    again = ten_kills(world, run, tmp_path / "fit.json")
    assert again.starts == whole.starts and not again.interrupted
    np.testing.assert_array_equal(again.z, whole.z)
    np.testing.assert_array_equal(again.covariance, whole.covariance)


def test_a_sampler_ends_the_same_after_ten_kills(tmp_path, world):
    pytest.importorskip("blackjax", reason="the extra sampling is not installed")
    from tests.calibration._killed import decay

    objective = decay()

    def run(checkpoint, seed=3):
        return cal.sample(
            objective, draws=60, tune=60, chains=2, piece=8, seed=seed, checkpoint=checkpoint,
            progress=lambda _: world.event(),
        )  # fmt: skip

    whole = run(None)
    again = ten_kills(world, run, tmp_path / "sampler.json")
    np.testing.assert_array_equal(again.z, whole.z)
    for name, values in whole.stats.items():
        np.testing.assert_array_equal(again.stats[name], values)
    assert not np.array_equal(run(None, seed=4).z, whole.z)
    with pytest.raises(cal.CalibrationError, match="other settings"):
        run(tmp_path / "sampler.json", seed=4)
