"""The one way through: from a model, a protocol and a setting to a trajectory."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .modelling.model import SkinModel
from .modelling.parameters import SkinParameters, check, replace
from .modelling.ports import Named
from .native import Kernel, accelerated, is_usable
from .numerics import (
    FIRST,
    ChainLayout,
    SolveResult,
    Status,
    implicitly_differentiable,
    integrate_segments,
    kept,
    status_text,
    steady_state,
)
from .protocol import Protocol, ProtocolError
from .schedule import Schedule, schedule
from .settings import Setting, in_vivo
from .structure import identity, structure
from .trajectory import Trajectory

_LONG_WAIT = 1500.0  # days; several times the slowest adaptation of the tissue


class SimulationError(RuntimeError):
    """A solve did not end well; the message says how far it came and what to try."""


class Simulator:
    """A model made ready to run: the structure of its Jacobian, and its compiled programs.

    Building one probes the model (a second or two); programs compile at first use and are kept
    in JAX's persistent cache.

    Attributes:
        model: The model.
        system: Structure of its Jacobian.
        code: Hash of what its programs depend on, tolerances apart.
    """

    def __init__(
        self, model: SkinModel, *, rtol: float = 1e-5, atol: float = 1e-7, first: float = FIRST
    ):
        """Probe the model.

        Args:
            model: The model.
            rtol: Relative tolerance of a step.
            atol: Absolute tolerance, relative to each state's scale.
            first: Length of the first step after a change; see `numerics.integrate_segments`.
        """
        _require_float64()
        self.model = model
        self.rtol, self.atol, self.first = rtol, atol, first
        layout = model.layout
        self.layout = ChainLayout(layout.num_nodes, layout.num_fields, layout.num_border)
        known_as = identity(model)
        self.system = structure(self._tendency, model, self.layout, known_as)
        # Traced once; every derivative of it is then taken from the same cached program.
        self._flow = jax.jit(self._tendency)
        self.code = known_as
        self.identity = f"{known_as} {rtol} {atol} {first}"
        self.kernel = Kernel(self)
        run = kept(self._told, "run", self.identity)
        rest = kept(functools.partial(self.rest, differentiable=False), "rest", self.identity)
        self._run = accelerated(self.kernel.run, run)
        self._rest = accelerated(self.kernel.rest, rest)

    @property
    def arithmetic(self) -> str:
        """Which programs compute, `"c"` or `"jax"`: the two round differently."""
        return "c" if is_usable() else "jax"

    def _tendency(self, t: Any, y: Any, args: Any) -> Any:
        params, segment = args
        return self.model.tendency(t, y, (params, segment["environment"]))

    def _event(self, k: Any, y: Any, args: Any) -> Any:
        params, segment = args
        inside = (params, segment["environment"])
        events = Named({name: segment[name] for name in ("dose", "fluence", "strips")})
        quiet = (
            (jnp.max(jnp.abs(segment["dose"])) == 0)
            & (segment["fluence"] == 0)
            & (segment["strips"] == 0)
        )
        return jnp.where(quiet, y, self.model.after_events(0.0, y, inside, events))

    def _observed(self, params: Any, plan: Schedule, times: Any, states: Any) -> dict[str, Any]:
        """Every observable at saved states; at a break, in the surroundings before it."""
        segment = jnp.searchsorted(plan.boundaries, times, side="left") - 1
        segment = jnp.clip(segment, 0, plan.fluence.shape[0] - 1)

        def at(time: Any, y: Any, k: Any) -> dict[str, Any]:
            environment = jax.tree.map(lambda leaf: leaf[k], plan.environment)
            return self.model.observe(time, y, (params, environment))

        # Padding rows (time inf) are observed at the first row, then blanked: no NaN derivatives.
        is_padding = jnp.isinf(times)
        values = jax.vmap(at)(
            jnp.where(is_padding, times[0], times),
            jnp.where(is_padding[:, None], states[0], states),
            segment,
        )
        return jax.tree.map(lambda rows: jnp.where(is_padding, jnp.nan, rows), values)

    def arguments(self, params: SkinParameters, drugs: Any = None) -> SkinParameters:
        """Parameters in internal units, with drugs in their slots; differentiable."""
        inside, _ = self.model.arguments(params)
        if drugs is not None and "exposure" in inside:
            inside = dict(inside)
            inside["exposure"] = eqx.tree_at(lambda m: m.drugs, inside["exposure"], drugs)
        return inside

    def run(
        self,
        params: SkinParameters,
        plan: Schedule,
        y0: Float[Array, "state"],
        times: Float[Array, "time"],
    ) -> SolveResult:
        """Integrate; pure, differentiable and batchable. Never raises for numerical failure.

        Args:
            params: Parameters in declared units.
            plan: Segments, see `schedule`.
            y0: Flat scaled state at the start.
            times: Internal times to save at, ascending, padded with inf.

        Returns:
            `ys["state"]`, shape (time, state), and `ys["observables"]` by name, shape (time,).
        """
        segment = {
            "environment": plan.environment,
            "dose": plan.dose,
            "fluence": plan.fluence,
            "strips": plan.strips,
        }
        day = self.model.system.factor("day")
        inside = self.arguments(params, plan.drugs)
        result = integrate_segments(
            self._flow,
            self.system,
            y0,
            inside,
            plan.boundaries,
            times,
            segment_args=segment,
            apply_event=self._event,
            rtol=self.rtol,
            atol=self.atol,
            first=self.first,
            dtmin=1e-10 * day,
        )
        # Observed after the solve, so that the loop holds no second copy of the model.
        values = self._observed(inside, plan, times, result.ys)
        return eqx.tree_at(lambda r: r.ys, result, {"state": result.ys, "observables": values})

    def _told(self, params: Any, plan: Any, y0: Any, times: Any) -> dict[str, Any]:
        """`run` as plain arrays."""
        result = self.run(params, plan, y0, times)
        return {
            **result.ys,
            "status": result.status,
            "num_steps": result.stats.num_steps,
            "num_rejected": result.stats.num_rejected,
            "last_time": result.stats.last_time,
        }

    def rest(
        self,
        params: SkinParameters,
        plan: Schedule,
        guess: Float[Array, "state"],
        differentiable: bool = True,
    ) -> tuple[Array, Array]:
        """Steady state in the surroundings of the first segment, near a guess; differentiable.

        Returns:
            The flat scaled state and its status code.
        """
        segment = {"environment": jax.tree.map(lambda leaf: leaf[0], plan.environment)}
        result = steady_state(
            self._flow,
            self.system,
            guess,
            (self.arguments(params), segment),
            differentiable=differentiable,
        )
        return result.y, result.status

    def resting(
        self, params: SkinParameters, plan: Schedule, y: Float[Array, "state"]
    ) -> Float[Array, "state"]:
        """A steady state found by `rest`, carrying its implicit derivative to the parameters."""
        segment = {"environment": jax.tree.map(lambda leaf: leaf[0], plan.environment)}
        return implicitly_differentiable(
            self._flow, self.system, y, (self.arguments(params), segment)
        )

    def simulate(
        self,
        protocol: Protocol,
        *,
        parameters: SkinParameters | Mapping[str, float] | None = None,
        setting: Setting | None = None,
        start: Any = None,
        times: Sequence[float] | None = None,
        weight: float | None = None,
        throw: bool = True,
    ) -> Trajectory:
        """Simulate a protocol; see `skinmech.simulate`."""
        params = resolve(self.model, parameters)
        setting = setting or in_vivo()
        plan = schedule(self.model, protocol, setting, weight=weight)
        days = protocol.days
        wanted = np.linspace(0, days, 57) if times is None else np.sort(np.asarray(times, float))
        factor = self.model.system.factor("day")
        if len(wanted) and not (wanted[0] >= 0 and wanted[-1] <= days * (1 + 1e-9)):
            raise ProtocolError(
                f"Expected times from 0 to the end of the protocol at {days:g} days, got "
                f"{wanted[0]:g} to {wanted[-1]:g}."
            )
        wanted = np.minimum(wanted, days)
        padded = np.full(_bucket(len(wanted)), np.inf)
        padded[: len(wanted)] = wanted * factor
        y0 = self._start(start, params, plan, throw)
        found = self._run(params, plan, y0, jnp.asarray(padded))
        _raise_unless_ok(int(found["status"]), float(found["last_time"]) / factor, throw)
        count = len(wanted)
        return Trajectory(
            model=self.model,
            times=wanted,
            state=np.asarray(found["state"])[:count],
            values={k: np.asarray(v)[:count] for k, v in found["observables"].items()},
            status=Status(int(found["status"])),
            num_steps=int(found["num_steps"]),
            num_rejected=int(found["num_rejected"]),
        )

    def _start(self, start: Any, params: Any, plan: Schedule, throw: bool) -> Any:
        if isinstance(start, Trajectory):
            return jnp.asarray(start.state[-1])
        if start is not None:
            return jnp.asarray(start)
        y, status = self.settle(params, plan, self.model.initial_state(params))
        _raise_unless_ok(status, 0.0, throw)
        return y

    def settle(self, params: SkinParameters, plan: Schedule, guess: Any) -> tuple[Any, int]:
        """`rest` by its compiled program; where that fails, it is begun anew after a long wait.

        The search may miss a steady state that the dynamics reach, so the tissue is left to
        itself for `_LONG_WAIT` days in the surroundings of the first segment.

        Returns:
            The flat scaled state and its status code.
        """
        y, status = self._rest(params, plan, guess)
        if int(status) == Status.OK:
            return y, int(status)
        days = _LONG_WAIT * self.model.system.factor("day")
        quiet = Schedule(
            jnp.full_like(plan.boundaries, days).at[0].set(0.0),
            jax.tree.map(lambda leaf: jnp.broadcast_to(leaf[0], leaf.shape), plan.environment),
            jnp.zeros_like(plan.dose),
            jnp.zeros_like(plan.fluence),
            jnp.zeros_like(plan.strips),
            plan.drugs,
        )
        times = np.full(_bucket(1), np.inf)
        times[0] = days
        waited = self._run(params, quiet, guess, jnp.asarray(times))
        if int(waited["status"]) != Status.OK:
            return y, int(status)
        y, status = self._rest(params, plan, waited["state"][0])
        return y, int(status)

    def steady(
        self,
        *,
        parameters: SkinParameters | Mapping[str, float] | None = None,
        setting: Setting | None = None,
        guess: Any = None,
    ) -> Array:
        """The steady state near a guess (default: healthy skin) as the flat scaled state.

        Raises:
            SimulationError: the search did not converge.
        """
        params = resolve(self.model, parameters)
        plan = schedule(self.model, Protocol(1.0), setting or in_vivo())
        first = self.model.initial_state(params) if guess is None else jnp.asarray(guess)
        y, status = self.settle(params, plan, first)
        _raise_unless_ok(status, 0.0, True)
        return y


def resolve(
    model: SkinModel, parameters: SkinParameters | Mapping[str, float] | None
) -> SkinParameters:
    """Parameters from nothing, from a mapping of paths to values (checked), or as they are.

    Raises:
        ParameterError: an unknown path or a value outside its bounds; all are listed.
    """
    params = model.parameters()
    if not parameters:
        return params
    if any(isinstance(value, eqx.Module) for value in parameters.values()):
        return dict(parameters)
    check(model.specifications(), parameters)
    return replace(params, parameters)


_SIMULATORS: dict[Any, Simulator] = {}


def simulator(
    model: SkinModel, *, rtol: float = 1e-5, atol: float = 1e-7, first: float = FIRST
) -> Simulator:
    """The simulator of a model, built once for each composition, grid and tolerances.

    Args:
        model: The model.
        rtol: Relative tolerance of a step.
        atol: Absolute tolerance, relative to each state's scale.
        first: Length of the first step after a change; see `numerics.integrate_segments`.
    """
    key = (
        rtol,
        atol,
        first,
        tuple(type(part) for part in (*model.submodels, *model.readouts)),
        model.environment,
        tuple(grid.num_cells for grid in model.grids.values()),
        model.system,
    )
    if key not in _SIMULATORS:
        _SIMULATORS[key] = Simulator(model, rtol=rtol, atol=atol, first=first)
    return _SIMULATORS[key]


def simulate(
    model: SkinModel,
    protocol: Protocol,
    *,
    parameters: SkinParameters | Mapping[str, float] | None = None,
    setting: Setting | None = None,
    start: Any = None,
    times: Sequence[float] | None = None,
    weight: float | None = None,
    throw: bool = True,
) -> Trajectory:
    """Simulate what a protocol does to the skin.

    Args:
        model: From `skin_model`, or composed.
        protocol: What is done, and how long.
        parameters: Paths to values in declared units, or a full set of parameters.
        setting: `in_vivo()` (default), `on_chip(...)`, `culture(...)`.
        start: Flat scaled state, or a `Trajectory` to go on from; default the steady state.
        times: Days to report; default 57 evenly spaced.
        weight: Body weight [kg], for the pharmacokinetics.
        throw: Raise if the solve fails; otherwise the values are NaN and the status says why.

    Raises:
        SimulationError: the solve failed and `throw` is set.
        ParameterError, ProtocolError, EnvironmentValueError: the input does not make sense.
    """
    return simulator(model).simulate(
        protocol,
        parameters=parameters,
        setting=setting,
        start=start,
        times=times,
        weight=weight,
        throw=throw,
    )


def _bucket(count: int) -> int:
    size = 64
    while size < count:
        size *= 8
    return size


def _raise_unless_ok(status: int, day: float, throw: bool) -> None:
    if throw and status != Status.OK:
        raise SimulationError(
            f"The solve stopped at day {day:.4g}: {status_text(status)} Check parameters near "
            "their bounds, or pass throw=False to see what was reached."
        )


def _require_float64() -> None:
    if not jax.config.jax_enable_x64:  # pyright: ignore[reportAttributeAccessIssue]
        raise SimulationError(
            "float64 is needed: call jax.config.update('jax_enable_x64', True) before simulating."
        )
