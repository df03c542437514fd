"""An SBML model that runs."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from skinmech.numerics import Status, compiled
from skinmech.numerics.trees import require_float64

from ..errors import InterchangeError, SimulationFailure, refuse
from ..hybrid import Options, Plan, System, Where, run
from .model import Description
from .read import read_description
from .system import Quantities, build_system
from .trajectory import SBMLTrajectory

_STEADY_TOLERANCE = 1e-10
_MOST_NEWTON = 100


class SBMLModel:
    """A model read from SBML.

    Attributes:
        description: What the file says.
        name: Of the file.
        system: The model as functions.
    """

    def __init__(self, description: Description, name: str = ""):
        require_float64()
        self.description = description
        self.name = name or description.id
        self.system: System = build_system(Quantities(description))

    @property
    def species(self) -> tuple[str, ...]:
        """Identifiers of the species."""
        return tuple(self.description.species)

    @property
    def parameters(self) -> dict[str, float | None]:
        """Values of the parameters in the file, local ones as `reaction.parameter`."""
        return {name: one.value for name, one in self.description.parameters.items()}

    @property
    def names(self) -> dict[str, str]:
        """Names for people, by identifier, of what has one."""
        return self.description.names

    def simulate(
        self,
        times: Sequence[float] | Float[np.ndarray, " time"],
        values: Mapping[str, float] | None = None,
        *,
        start: float = 0.0,
        rtol: float = 1e-8,
        atol: float = 1e-16,
        max_steps: int = 100_000,
    ) -> SBMLTrajectory:
        """Simulate from the start.

        Args:
            times: Ascending, from `start` on, in the file's unit of time.
            values: Start values by identifier that replace what the file gives, before its
                initial assignments are evaluated. Those of a species are amounts or
                concentrations as its identifier is.
            start: Start time.
            rtol: Relative tolerance of a step.
            atol: Absolute tolerance of a step, in the file's units.
            max_steps: Most steps.

        Raises:
            InterchangeError: a name is unknown, a value missing, or the times descend.
            SimulationFailure: the integration failed; the message says when and why.
        """
        saves = np.asarray(times, float)
        if saves.ndim != 1 or not saves.size or np.any(np.diff(saves) < 0) or saves[0] < start:
            raise InterchangeError(f"Expected ascending times from {start:g} on.")
        plan = Plan(
            starts=jnp.array([start], float), ends=jnp.array([saves[-1]], float),
            is_steady=jnp.array([False]), num_periods=jnp.asarray(1),
            save_times=jnp.asarray(saves), save_periods=jnp.zeros(len(saves), int),
            change_mask=jnp.zeros((1, 0), bool), change_index=jnp.zeros((1, 0), int),
        )  # fmt: skip
        table = self._run(Options(rtol, atol, max_steps), plan, values or {}, start)
        return SBMLTrajectory(saves, self.system.report, table)

    def steady_state(
        self,
        values: Mapping[str, float] | None = None,
        *,
        by: str = "time",
        rtol: float = 1e-8,
        atol: float = 1e-16,
        max_steps: int = 100_000,
    ) -> dict[str, float]:
        """A state at which nothing changes any more.

        Args:
            values: As of `simulate`.
            by: `"time"` follows the model, events included, until nothing changes; `"newton"`
                takes the start values as a guess, and also finds states that are not stable.
            rtol: Relative tolerance of a step in time.
            atol: Absolute tolerance of a step in time.
            max_steps: Most steps in time.

        Returns:
            Values by identifier, as `SBMLTrajectory`.

        Raises:
            SimulationFailure: there is none, or none near the guess.
        """
        if by not in ("time", "newton"):
            raise InterchangeError(f"Unrecognized way: '{by}'. Expected 'time' or 'newton'.")
        if by == "newton":
            row = self._newton(values or {})
        else:
            plan = Plan(
                starts=jnp.zeros(1), ends=jnp.zeros(1), is_steady=jnp.array([True]),
                num_periods=jnp.asarray(1), save_times=jnp.full(1, jnp.inf),
                save_periods=jnp.zeros(1, int), change_mask=jnp.zeros((1, 0), bool),
                change_index=jnp.zeros((1, 0), int),
            )  # fmt: skip
            row = self._run(Options(rtol, atol, max_steps), plan, values or {}, 0.0)[0]
        return dict(zip(self.system.report, map(float, row), strict=True))

    def _overrides(self, values: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
        names = self.system.entities
        refuse(
            [
                f"'{name}' is determined by an assignment rule"
                if name in self.description.assignments
                else f"'{name}' is neither a compartment nor a species nor a parameter"
                for name in values
                if name not in names or name in self.description.assignments
            ],
            f"{self.name} cannot take these start values:",
        )
        mask = np.array([name in values for name in names], bool)
        return mask, np.array([float(values.get(name, 0.0)) for name in names])

    def _run(
        self, options: Options, plan: Plan, values: Mapping[str, float], start: float
    ) -> np.ndarray:
        mask, value = self._overrides(values)
        check_start(self.system, mask, value, start, self.name)
        found, table = _simulator(self.system, options)(plan, mask, value)
        if int(found.status) != Status.OK:
            raise SimulationFailure(failure(self.name, found, bool(plan.is_steady[-1])))
        return np.asarray(table)

    def _newton(self, values: Mapping[str, float]) -> np.ndarray:
        mask, value = self._overrides(values)
        check_start(self.system, mask, value, 0.0, self.name)
        at = _start(self.system, jnp.zeros(()), mask, value, jnp.zeros(0))
        y = np.asarray(at.y)
        for _ in range(_MOST_NEWTON):
            slope, matrix = _linearised(self.system, at._replace(y=jnp.asarray(y)))
            change = np.linalg.lstsq(np.asarray(matrix), -np.asarray(slope), rcond=1e-14)[0]
            y = y + change
            if np.all(np.abs(change) <= _STEADY_TOLERANCE * np.abs(y) + 1e-300):
                return np.asarray(_report(self.system, at._replace(y=jnp.asarray(y))))
        raise SimulationFailure(
            f"{self.name}: no steady state was found from this guess in {_MOST_NEWTON} Newton "
            "steps. Start nearer to it, or follow the model in time (by='time')."
        )


def read_sbml(path: str | Path) -> SBMLModel:
    """Read an SBML file (levels 1 to 3, core).

    Supported are compartments of any and of changing size, species as amounts or concentrations,
    boundary species, conversion factors, local parameters, function definitions, reactions with
    any stoichiometry, assignment and rate rules, initial assignments, piecewise formulas and
    events with priorities, persistence and values of trigger time. Algebraic rules, fast
    reactions, delays, delayed events, `rateOf` and required packages are refused by name.

    Args:
        path: The file.

    Raises:
        InterchangeError: it is not valid, or contradicts itself.
        UnsupportedError: it uses what is not supported; every feature is named.
        ImportError: libsbml is not installed; the message names the extra.
    """
    return SBMLModel(read_description(path), Path(path).name)


def check_start(
    system: System, mask: np.ndarray, value: np.ndarray, start: float, name: str
) -> None:
    """Refuse a start at which a quantity has no value.

    Raises:
        InterchangeError: every quantity without one is named.
    """
    missing = missing_values(system, mask, value, start, np.zeros(0))
    refuse(missing, f"{name} gives no start value, or none that is a number, for:")


def missing_values(
    system: System, mask: np.ndarray, value: np.ndarray, start: float, p: np.ndarray
) -> list[str]:
    """Quantities that matter and have no value at the start, quoted."""
    at = _start(system, jnp.asarray(float(start)), mask, value, jnp.asarray(p))
    parts = ((system.continuous, at.y), (system.discrete, at.d), (system.constant, at.c))
    return [
        f"'{n}'"
        for names, values in parts
        for n, v in zip(names, np.asarray(values)[: len(names)], strict=True)
        if np.isnan(v) and n in _used(system)
    ]


@functools.lru_cache(maxsize=64)
def _used(system: System) -> frozenset[str]:
    """Names of kept quantities that the model's way through time depends on."""
    letters = {"y": system.continuous, "d": system.discrete, "c": system.constant}
    relevant = [
        block for block in system.source.split("def ")
        if block.startswith(("tendency", "triggers", "priorities", "event_values", "changes"))
    ]  # fmt: skip
    found = {m for block in relevant for m in re.findall(r"\b([ydc])\[(\d+)\]", block)}
    return frozenset(letters[letter][int(i)] for letter, i in found) | frozenset(system.continuous)


def failure(name: str, found, is_steady: bool) -> str:
    """Why a run ended without a result, in words."""
    status = Status(int(found.status))
    where = f"{name} stopped at time {float(found.time):g} after {int(found.num_steps)} steps."
    if is_steady and status == Status.MAX_STEPS:
        return f"{where} It did not reach a steady state."
    return f"{where} {status.text}"


@functools.lru_cache(maxsize=64)
def _simulator(system: System, options: Options) -> Callable[..., Any]:
    def simulate(plan, mask, value):
        found = run(system, options, plan, mask, value, jnp.zeros(0))

        def row(t, y, d):
            return system.call("report", Where(t, y, d, found.c, jnp.zeros(0)))

        return found, jax.vmap(row)(plan.save_times, found.y, found.d)

    return compiled(simulate)


@functools.partial(jax.jit, static_argnums=0)
def _start(system: System, t, mask, value, p) -> Where:
    return system.initial(t, mask, value, p)


@functools.partial(jax.jit, static_argnums=0)
def _linearised(system: System, at: Where):
    def tendency(y):
        return system.call("tendency", at._replace(y=y))

    return tendency(at.y), jax.jacfwd(tendency)(at.y)


@functools.partial(jax.jit, static_argnums=0)
def _report(system: System, at: Where):
    return system.call("report", at)
