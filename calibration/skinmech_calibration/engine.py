"""Compiled programs shared by every problem on one model: one simulation, and its derivatives.

Parameters, plan, start and save times are all data, and derivatives are taken along directions
that are data too. So one pair of executables serves every set of free parameters, every
experiment, every therapy and every draw of the same shapes, and the persistent cache finds it.
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from skinmech.modelling.model import SkinModel
from skinmech.modelling.parameters import get
from skinmech.numerics import Status, in_threads, kept
from skinmech.schedule import Schedule
from skinmech.simulate import Simulator, simulator
from skinmech.states import attractor

_DIRECTIONS = (8,)  # at a time; each size is an executable of its own, slow to compile
_TIMES = (64, 512)
_SEGMENTS = (16, 64, 512)


class Case(NamedTuple):
    """One simulation: what changes between two runs of the same program.

    Attributes:
        parameters: All parameters of the model in declared units, flat.
        plan: Segments.
        guess: Flat state from which the steady start is searched.
        times: Internal times to save at, padded with inf.
    """

    parameters: Float[Array, " parameter"]
    plan: Schedule
    guess: Float[Array, " state"]
    times: Float[Array, " time"]


class Outcome(NamedTuple):
    """What became of one simulation.

    Attributes:
        values: Every observable at every save time, shape (time, observable); NaN if not OK.
        status: How it ended.
        slopes: Derivatives along each direction, shape (direction, time, observable), or None.
    """

    values: np.ndarray
    status: Status
    slopes: np.ndarray | None = None


class Engine:
    """Runs cases of one model.

    Attributes:
        observables: Names of the last axis of values.
        default: All parameters at their defaults, flat, shape (parameter,).
    """

    def __init__(
        self, model: SkinModel, *, rtol: float = 1e-4, atol: float = 1e-6, first: float = 0.1
    ):
        """Make ready; programs compile at first use.

        Args:
            model: The model.
            rtol: Relative tolerance of a step. Observables are then within 1e-4 of exact ones, far
                below any noise of measurement, in half the steps of a simulation's usual accuracy.
            atol: Absolute tolerance, relative to each state's scale.
            first: Length of the first step after a change; see `numerics.integrate_segments`.
        """
        self.simulator: Simulator = simulator(model, rtol=rtol, atol=atol, first=first)
        self.model = model
        params = model.parameters()
        flat, self.unravel = ravel_pytree(params)
        self.default = np.asarray(flat)
        self.observables = tuple(model.observables())
        places = self.unravel(jnp.arange(len(flat), dtype=flat.dtype))
        self._places = {path: int(get(places, path)) for path in model.specifications()}
        self._guesses: dict[str, Array] = {}
        identity = f"{self.simulator.identity} {inspect.getsource(type(self))}"
        self._differentiate = kept(self._along, "slopes", identity)
        self._directions = jax.jit(jax.vmap(self.unravel))

    def place(self, path: str) -> int:
        """Position of a parameter in the flat vector."""
        return self._places[path]

    def flat(self, changes: Mapping[str, float]) -> Array:
        """All parameters, with changes by path, shape (parameter,)."""
        values = self.default.copy()
        for path, value in changes.items():
            values[self.place(path)] = value
        return jnp.asarray(values)

    def guess(self, start: Any) -> Array:
        """A flat state near the attractor named `start`, found once, or the state given."""
        if not isinstance(start, str):
            return jnp.asarray(start, float)
        if start not in self._guesses:
            self._guesses[start] = _attractor(self.model, start)
        return self._guesses[start]

    def simulate(self, case: Case) -> tuple[Array, Array]:
        """Steady start and run; pure and differentiable.

        Returns:
            Observables, shape (time, observable), and a status code.
        """
        params = self.unravel(case.parameters)
        y0, at_rest = self.simulator.rest(params, case.plan, case.guess)
        result = self.simulator.run(params, case.plan, y0, case.times)
        found = result.ys["observables"]
        values = jnp.stack([found[name] for name in self.observables], axis=-1)
        status = jnp.where(at_rest == Status.OK, result.status, at_rest)
        return jnp.where(status == Status.OK, values, jnp.nan), status

    def _from_rest(self, flat: Array, case: Case) -> tuple[Array, Array]:
        """`simulate` from a steady state that is already found, `case.guess`."""
        params = self.unravel(flat)
        y0 = self.simulator.resting(params, case.plan, case.guess)
        result = self.simulator.run(params, case.plan, y0, case.times)
        found = result.ys["observables"]
        values = jnp.stack([found[name] for name in self.observables], axis=-1)
        return jnp.where(result.status == Status.OK, values, jnp.nan), result.status

    def _along(self, case: Case, directions: Array) -> tuple[Array, Array, Array]:
        def push(direction: Array) -> Any:
            return jax.jvp(
                lambda flat: self._from_rest(flat, case),
                (case.parameters,), (direction,), has_aux=True,
            )  # fmt: skip

        return jax.vmap(push, out_axes=(None, 0, None))(directions)

    def _derived(self, case: Case, directions: Array) -> tuple[Any, Any, int]:
        """`_along`, by compiled C where it can be had."""
        params = self.unravel(case.parameters)
        found = self.simulator.kernel.slopes(
            params, case.plan, case.guess, case.times, self._directions(directions)
        )
        if found is None:
            return self._differentiate(case, directions)
        values = np.stack([found["observables"][name] for name in self.observables], axis=-1)
        return values, found["slopes"], found["status"]

    def _plain(self, case: Case) -> Outcome:
        """Values only, by the simulator's own two programs, which `simulate` shares."""
        params = self.unravel(case.parameters)
        y0, at_rest = self.simulator.settle(params, case.plan, case.guess)
        if at_rest != Status.OK:
            shape = (len(case.times), len(self.observables))
            return Outcome(np.full(shape, np.nan), Status(at_rest))
        result = self.simulator._run(params, case.plan, y0, case.times)
        found = result["observables"]
        values = np.stack([np.asarray(found[name]) for name in self.observables], axis=-1)
        return Outcome(values, Status(int(result["status"])))

    def _sloped(self, case: Case, directions: np.ndarray) -> Outcome:
        """Values and slopes; many directions go in blocks of the largest size."""
        most = _DIRECTIONS[-1]
        # The search for the steady state is the program values use; only its end is derived.
        params = self.unravel(case.parameters)
        y0, at_rest = self.simulator.settle(params, case.plan, case.guess)
        if at_rest != Status.OK:
            shape = (len(case.times), len(self.observables))
            slopes = np.full((len(directions), *shape), np.nan)
            return Outcome(np.full(shape, np.nan), Status(at_rest), slopes)
        case = case._replace(guess=y0)
        slopes, values, status = [], np.zeros(0), Status.NOT_RUN
        for begin in range(0, max(len(directions), 1), most):
            block = directions[begin : begin + most]
            padded = np.zeros((_bucket(len(block), _DIRECTIONS), len(self.default)))
            padded[: len(block)] = block
            found, along, code = self._derived(case, jnp.asarray(padded))
            values, status = np.asarray(found), Status(int(code))
            slopes.append(np.asarray(along)[: len(block)])
        return Outcome(values, status, np.concatenate(slopes))

    def run(
        self, cases: Sequence[Case], directions: Sequence[np.ndarray] | None = None
    ) -> list[Outcome]:
        """Run cases, as many at a time as there are cores; a failure costs only itself.

        Args:
            cases: What to run.
            directions: For each case the directions to differentiate along, shape (direction,
                parameter); None: values only.
        """

        def job(index: int) -> Outcome:
            case = cases[index]
            if directions is None:
                return self._plain(case)
            return self._sloped(case, directions[index])

        return in_threads(job, len(cases))


_ENGINES: dict[int, Engine] = {}


def engine(model: SkinModel) -> Engine:
    """The engine of a model, built once for each simulator."""
    key = id(simulator(model))
    if key not in _ENGINES:
        _ENGINES[key] = Engine(model)
    return _ENGINES[key]


def pad_plan(plan: Schedule, count: int) -> Schedule:
    """The same plan with `count` segments, the added ones of length zero."""
    extra = count - plan.fluence.shape[0]
    if extra == 0:
        return plan

    def last(leaf: Array) -> Array:
        return jnp.concatenate([leaf, jnp.repeat(leaf[-1:], extra, axis=0)])

    def zero(leaf: Array) -> Array:
        return jnp.concatenate([leaf, jnp.zeros((extra, *leaf.shape[1:]))])

    return Schedule(
        last(plan.boundaries), {k: last(v) for k, v in plan.environment.items()},
        zero(plan.dose), zero(plan.fluence), zero(plan.strips), plan.drugs,
    )  # fmt: skip


def padded_plans(plans: Sequence[Schedule]) -> list[Schedule]:
    """Plans of one common number of segments, so that they share executables."""
    count = _bucket(max(plan.fluence.shape[0] for plan in plans), _SEGMENTS)
    return [pad_plan(plan, count) for plan in plans]


def padded_times(times: Sequence[np.ndarray], factor: float) -> list[Array]:
    """Save times in internal units, padded with inf to one common length."""
    count = _bucket(max(len(one) for one in times), _TIMES)
    out = []
    for one in times:
        row = np.full(count, np.inf)
        row[: len(one)] = np.asarray(one) * factor
        out.append(jnp.asarray(row))
    return out


def _bucket(count: int, sizes: Sequence[int]) -> int:
    return next((size for size in sizes if size >= count), count)


def _attractor(model: SkinModel, start: str) -> Array:
    if start == "healthy":
        return jnp.asarray(model.initial_state(model.parameters()))
    return jnp.asarray(attractor(model, start))
