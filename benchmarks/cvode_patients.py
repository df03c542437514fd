"""CVODE on many patients of the coupled model, and in several processes.

The right-hand side is the translation that ours uses, parameters and surroundings being inputs:
what depends on them alone is computed once for each patient. Compiled with the peer's flags.
"""

import ctypes
import dataclasses
import multiprocessing
import time
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from skinmech.native.functions import functions
from skinmech.native.kernel import _surroundings
from skinmech.native.translate import translate_stages
from skinmech.simulate import Simulator

from .cvode_coupled import CoupledPeer, CoupledRun


@dataclasses.dataclass(frozen=True)
class PeerPatient:
    """One patient as CVODE sees it; numbers in internal units.

    Attributes:
        par, env: Inputs of the right-hand side.
        y0: Flat scaled state to start from.
        boundaries: Ascending, shape (K+1,).
        jumps: What the state gains at the start of each segment, shape (K, state).
        save_times: Ascending.
    """

    par: np.ndarray
    env: np.ndarray
    y0: np.ndarray
    boundaries: np.ndarray
    jumps: np.ndarray
    save_times: np.ndarray


def peer_patient(
    engine: Simulator, params: Any, plan: Any, y0: np.ndarray, save_times: np.ndarray
) -> PeerPatient:
    """A patient under a plan, from a state.

    Args:
        engine: Of the model.
        params: Parameters in declared units.
        plan: Segments, doses only.
        y0: Flat scaled state before the first dose.
        save_times: Internal time.
    """
    boundaries = np.unique(np.asarray(plan.boundaries))
    inside = engine.arguments(params, plan.drugs)
    parts = {"environment": plan.environment, "dose": plan.dose, "fluence": plan.fluence}
    parts["strips"] = plan.strips
    jumps = []
    for k in range(boundaries.size - 1):
        segment = jax.tree.map(lambda leaf, k=k: leaf[k], parts)
        jump = np.asarray(engine._event(k, jnp.asarray(y0), (inside, segment))) - y0
        jumps.append(np.where(np.abs(jump) > 1e-12 * np.abs(jump).max(), jump, 0.0))
    par = np.asarray(engine.kernel._par(params, plan.drugs), float)
    return PeerPatient(
        par, _surroundings(plan)[0], np.asarray(y0, float), boundaries, np.stack(jumps), save_times
    )


def waiting(patient: PeerPatient, y0: np.ndarray, wait: float) -> PeerPatient:
    """The same patient, left to itself from another state for a time before the first dose."""
    return dataclasses.replace(
        patient,
        y0=np.asarray(y0, float),
        boundaries=np.append(patient.boundaries[0] - wait, patient.boundaries),
        jumps=np.concatenate([np.zeros((1, len(y0))), patient.jumps]),
    )


class PatientsPeer(CoupledPeer):
    """CVODE on any patient of a model; travels to other processes of this machine."""

    def __init__(self, engine: Simulator, patient: PeerPatient):
        """Translate and compile.

        Args:
            engine: Of the model.
            patient: Any patient, for the shapes.
        """
        model, system = engine.model, engine.system
        f = functions(model, *model.arguments(model.parameters()))
        numbers = jax.tree.map(lambda leaf: leaf.astype(float), system.pattern)

        def write(states: np.ndarray) -> str:
            left_out = np.setdiff1d(np.arange(f.num_state), states)
            place = np.argsort(np.concatenate([states, left_out]))
            still = patient.y0[left_out]

            def moving(p: Any, e: Any, z: Any) -> Any:
                return f.tendency(p, e, jnp.concatenate([z, still])[place])[states]

            first = [("par", np.zeros(f.num_par)), ("env", np.zeros(f.num_env))]
            program = translate_stages(moving, [first, [("z", np.zeros(states.size))]], "rhs")
            return "\n".join([
                program.text(),
                f"static double kept[{max(program.num_kept, 1)}];",
                "static const double *par_, *env_;",
                "void set_patient(const double *par, const double *env) {",
                "  par_ = par, env_ = env; rhs_0(par, env, kept); }",
                "void RHS(double t, const double *y, double *ydot, const double *par) {",
                "  (void)t, (void)par; rhs_1(par_, env_, y, kept, ydot); }",
            ])  # fmt: skip

        pattern = np.asarray(system.dense(numbers)) != 0.0
        super().__init__(
            lambda t, y: None, pattern, patient.y0, patient.boundaries, patient.jumps,
            patient.save_times, write,
        )  # fmt: skip
        self.f = None

    def solve(self, patient: PeerPatient, variant: str, rtol: float, atol: float) -> CoupledRun:
        """One patient.

        Raises:
            RuntimeError: CVODE gave up.
        """
        self.y0, self.boundaries, self.jumps = patient.y0, patient.boundaries, patient.jumps
        self.save_times = patient.save_times
        par, env = (np.ascontiguousarray(a, float) for a in (patient.par, patient.env))
        for order in self._orders.values():
            order.library.set_patient(
                ctypes.c_void_p(par.ctypes.data), ctypes.c_void_p(env.ctypes.data)
            )
        return self.run(variant, rtol, atol)


_peer: Any = None


def _begin(peer: PatientsPeer) -> None:
    global _peer
    _peer = peer


def _work(task: tuple[Sequence[PeerPatient], str, float, float]) -> tuple[float, list[Any]]:
    patients, variant, rtol, atol = task
    start = time.process_time()
    found = [_peer.solve(one, variant, rtol, atol).ys[-1] for one in patients]
    return time.process_time() - start, found


class Processes:
    """CVODE in processes of its own, one patient after another in each."""

    def __init__(self, peer: PatientsPeer, workers: int):
        self.workers = workers
        context = multiprocessing.get_context("spawn")
        self._pool = context.Pool(workers, _begin, (peer,))

    def solve(
        self, patients: Sequence[PeerPatient], variant: str, rtol: float, atol: float
    ) -> float:
        """Simulate all; returns the processor seconds of all processes together."""
        parts = [patients[k :: self.workers] for k in range(self.workers)]
        found = self._pool.map(_work, [(part, variant, rtol, atol) for part in parts], 1)
        return sum(seconds for seconds, _ in found)

    def close(self) -> None:
        """Let the processes go."""
        self._pool.terminate()
        self._pool.join()
