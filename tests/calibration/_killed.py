"""A process that kills itself at a chosen moment of a fit or a sampler; run by `test_killed.py`.

`python -m tests.calibration._killed WORK CHECKPOINT OUTPUT SEED KILLS` imports everything once
and forks: first a run that is never disturbed, then KILLS runs that go on from the checkpoint and
kill themselves (SIGKILL, nothing is cleaned up) at a random event of those left, then one that
ends. Events are what a fit does to the world: a model evaluation, a file forced to disk, a file
put in its place. Prints what happened as JSON.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

import skinmech_calibration as cal

NEVER = 10**9


class Countdown:
    """Counts events of this process, and kills it just before the chosen one."""

    def __init__(self, at: int):
        self.at, self.count = at, 0
        for name in ("fsync", "replace"):
            original = getattr(os, name)
            setattr(os, name, lambda *args, call=original: self.event() or call(*args))

    def event(self) -> None:
        """One event is about to happen."""
        self.count += 1
        if self.count >= self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def fit(checkpoint, countdown):
    """Three starts of the decay formula on the engine of formulas."""
    import skinmech as sm
    from tests.calibration._fake import FIRST, SECOND, FormulaEngine

    model = sm.skin_model(corneum_cells=6, epidermis_cells=8)
    engine = FormulaEngine(model)
    one = engine._one
    engine._one = lambda *args: countdown.event() or one(*args)
    sys.modules["skinmech_calibration.problem"].engine = lambda _: engine
    readings = 25.0 * np.exp(-0.12 * np.arange(8.0)) * (1 + 0.05 * np.cos(np.arange(8.0)))
    observed = [cal.Observation("tewl", float(t), float(v)) for t, v in enumerate(readings)]
    experiment = cal.Experiment("chip", sm.on_chip(), sm.Protocol(7.0), observed)
    problem = cal.CalibrationProblem(model, [experiment], [FIRST, SECOND])
    found = cal.fit(problem, starts=3, seed=5, checkpoint=checkpoint)
    return [found.z.tolist(), found.covariance.tolist(), [s.history for s in found.starts]]


def decay():
    """A decay of two parameters."""
    import jax.numpy as jnp

    times = jnp.linspace(0.0, 3.0, 7)

    def likelihood(z):
        return -20.0 * jnp.sum((jnp.exp(z[0] - jnp.exp(z[1]) * times) - jnp.exp(-times)) ** 2)

    return cal.FunctionObjective(likelihood, ["a", "k"], log_prior=lambda z: -0.5 * jnp.sum(z**2))


def sampler(checkpoint, countdown):
    """Two chains."""
    found = cal.sample(
        decay(), draws=60, tune=60, chains=2, piece=8, seed=3, checkpoint=checkpoint,
        progress=lambda _: countdown.event(),
    )  # fmt: skip
    return [found.z.tolist(), {name: v.tolist() for name, v in found.stats.items()}]


def search(checkpoint, countdown):
    """Multi-start by L-BFGS on any objective."""

    def likelihood(z):
        return -0.5 * (100.0 * (z[1] - z[0] ** 2) ** 2 + (1.0 - z[0]) ** 2)

    objective = cal.FunctionObjective(likelihood, ["x", "y"], bounds=(-2.0, 2.0))
    found = cal.optimise(objective, starts=12, method="l-bfgs", seed=2, checkpoint=checkpoint,
                         progress=lambda _: countdown.event())  # fmt: skip
    return [[one.label, one.z.tolist(), one.cost, one.num_iterations] for one in found.starts]


def in_child(work, checkpoint: Path, output: Path, at: int) -> bool:
    """Run in a process of its own; whether it lived to the end."""
    child = os.fork()
    if child == 0:
        import jax

        jax.config.update("jax_enable_x64", True)
        # Every small program is kept, so that the children after the first compile nothing.
        jax.config.update("jax_compilation_cache_dir", str(checkpoint.parent / "cache"))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        countdown = Countdown(at)
        result = work(checkpoint, countdown)
        output.write_text(json.dumps({"result": result, "events": countdown.count}))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("A run failed by itself; see the errors above.")
    return os.WIFEXITED(status)


def main(work: str, folder: str, seed: str, kills: str) -> None:
    """All runs."""
    job, place = globals()[work], Path(folder)
    random = np.random.default_rng(int(seed))
    whole, rest = place / "whole.json", place / "rest.json"
    assert in_child(job, place / "undisturbed.json", whole, NEVER)
    undisturbed = json.loads(whole.read_text())
    share = 2.0 * undisturbed["events"] / int(kills)
    moments = [int(random.integers(1, max(2, share))) for _ in range(int(kills))]
    lived = [in_child(job, place / "checkpoint.json", rest, at) for at in moments]
    assert in_child(job, place / "checkpoint.json", rest, NEVER)  # also after the end
    resumed = json.loads(rest.read_text())
    print(json.dumps({
        "equal": resumed["result"] == undisturbed["result"], "killed": lived.count(False),
        "moments": moments, "events": undisturbed["events"],
        "resumed_events": resumed["events"],
        "size": len(json.dumps(undisturbed["result"])),
    }))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
