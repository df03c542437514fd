"""Measured values of a problem and their derivatives by compiled C.

C integrates; what leads to the start, what conditions change and what is observed are JAX, as
functions of a few numbers each.
"""

import functools
import logging
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from skinmech.native.build import NoCompiler
from skinmech.native.kernel import is_wanted
from skinmech.native.path import PathSolver
from skinmech.native.values import UnsupportedPrimitive
from skinmech.numerics import Status, compiled

from ..hybrid import Options, Where
from ..hybrid.native import obstacle, path_solver
from .layout import Layout

_log = logging.getLogger(__name__)


class Predicted(NamedTuple):
    """What the model says of every measurement.

    Attributes:
        value: Simulated observable.
        sigma: Its noise parameter.
        statuses: How each experiment ended.
        states: Continuous and discrete states of every experiment at its saves, and its constants;
            None where a status is not OK.
        value_slopes: Derivative of `value` by each free parameter; None if not asked for.
        sigma_slopes: The same of `sigma`.
    """

    value: Float[np.ndarray, " row"]
    sigma: Float[np.ndarray, " row"]
    statuses: Int[np.ndarray, " experiment"]
    states: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None
    value_slopes: Float[np.ndarray, "row free"] | None = None
    sigma_slopes: Float[np.ndarray, "row free"] | None = None


class NativePredictor:
    """A problem's measurements as a function of all parameters of its table."""

    def __init__(self, layout: Layout, free: np.ndarray, name: str):
        """Keep what is needed; libraries are made or read at first use.

        Args:
            layout: The problem.
            free: Places of the free parameters among all.
            name: Of the problem, for the log.
        """
        self.layout, self.free, self._name = layout, np.asarray(free, int), name
        self._plans = jax.tree.map(np.asarray, layout.plans)

    @functools.cached_property
    def solver(self) -> PathSolver | None:
        """The compiled solver, or None where JAX's program does the work; why is logged."""
        if not is_wanted():
            return None
        why = obstacle(self.layout.system)
        if why:
            _log.info("%s is simulated by JAX's program, not compiled C: it has %s.",
                      self._name, why)  # fmt: skip
            return None
        try:
            return path_solver(self.layout.system, len(self.layout.names))
        except (NoCompiler, UnsupportedPrimitive) as error:
            _log.warning("JAX's program is used, not compiled C: %s", error)
            return None

    def predict(self, p: np.ndarray, options: Options, *, slopes: bool = False) -> Predicted | None:
        """Every measurement, with derivatives by the free parameters if asked for.

        Args:
            p: All parameters, linear scale.
            options: Accuracy and limits.
            slopes: Whether to differentiate.

        Returns:
            None where there is no compiled solver. Values mean nothing where a status is not OK.
        """
        if self.solver is None:
            return None
        x = jnp.asarray(p)
        starts = self._starts_and_slopes(x) if slopes else (self._starts(x), None)
        start, moved = jax.tree.map(np.asarray, starts)
        runs = [self._run(e, p, start, moved, options) for e in range(len(start[0]))]
        statuses = np.array([run[0] for run in runs])
        if np.any(statuses != Status.OK):
            nothing = np.full(len(self.layout.readings.value), np.nan)
            return Predicted(nothing, nothing, statuses)
        y, d, dy, dd = (np.stack(part) for part in list(zip(*runs, strict=True))[1:])
        if moved is None:
            value, sigma = np.asarray(self._observed(x, y, d, start[2])).T
            return Predicted(value, sigma, statuses, (y, d, start[2]))
        directions = (self._directions, np.moveaxis(dy, 2, 0), np.moveaxis(dd, 2, 0), moved[2])
        both, change = self._observed_and_slopes((x, y, d, start[2]), directions)
        value, sigma = np.asarray(both).T
        change = np.asarray(change)  # (free, row, 2)
        slopes_of = (change[:, :, 0].T, change[:, :, 1].T)
        return Predicted(value, sigma, statuses, (y, d, start[2]), *slopes_of)

    @functools.cached_property
    def _directions(self) -> np.ndarray:
        return np.eye(len(self.layout.names))[self.free]

    def _run(self, e: int, p: np.ndarray, start: Any, moved: Any, options: Options) -> Any:
        """One experiment: status; states, discrete states and their derivatives at the saves."""
        solver, plan = self.solver, jax.tree.map(lambda a: a[e], self._plans)
        assert solver is not None
        y, d, c = (part[e] for part in start)
        dy, dd, dc = (part[:, e] for part in moved) if moved is not None else _nothing(y, d, c)
        dp = self._directions[: len(dy)]
        num_saves, size = len(plan.save_times), len(y)
        ys, ds = np.full((num_saves, size), np.nan), np.full((num_saves, len(d)), np.nan)
        dys = np.zeros((num_saves, len(dy), size))
        dds = np.zeros((num_saves, len(dy), len(d)))
        status = int(Status.OK)
        for k in range(int(plan.num_periods)):
            begin = float(plan.starts[k])
            if k and plan.change_mask[k].any():
                here = (begin, y, d, c, p)
                mask, index = plan.change_mask[k], plan.change_index[k]
                if len(dy):
                    (y, d), (dy, dd) = self._changed_and_slopes(here, mask, index, (dy, dd, dc, dp))
                else:
                    y, d = self._changed(here, mask, index)
                y, d, dy, dd = (np.asarray(part) for part in (y, d, dy, dd))
            due = np.flatnonzero(plan.save_periods == k)
            more = solver.num_state - size  # time, where it is a state
            run = solver.follow(
                np.concatenate([c, p, d]), np.concatenate([y, [begin] * more]),
                (begin, float(plan.ends[k])), plan.save_times[due],
                (options.rtol, options.atol, options.max_steps),
                (np.concatenate([dc, dp, dd], axis=1), np.pad(dy, ((0, 0), (0, more)))),
                is_steady=bool(plan.is_steady[k]),
            )  # fmt: skip
            y, dy, status = run.y[:size], run.moves[:, :size], run.status
            if status != Status.OK:
                break
            ys[due], dys[due] = run.states[:, :size], run.slopes[:, :, :size]
            ds[due], dds[due] = d, dd
        return status, ys, ds, dys, dds

    def _start(self, p: Any) -> Any:
        """States, discrete states and constants at the start of every experiment."""
        layout = self.layout
        mask, value = layout.overrides(p)

        def one(t, mask, value):
            at = layout.system.initial(t, mask, value, p)
            return at.y, at.d, at.c

        return jax.vmap(one)(self._plans.starts[:, 0], mask, value)

    @functools.cached_property
    def _starts(self) -> Any:
        return compiled(self._start)

    @functools.cached_property
    def _starts_and_slopes(self) -> Any:
        """Start values, and their derivatives with the free parameters as first axis."""

        def both(p):
            found, push = jax.linearize(self._start, p)
            return found, jax.vmap(push)(jnp.asarray(self._directions))

        return compiled(both)

    def _change(self, y: Any, d: Any, c: Any, p: Any, t: Any, mask: Any, index: Any) -> Any:
        system, at = self.layout.system, Where(t, y, d, c, p)
        values = system.call("changes", at)[index]
        return system.call("assign_condition", at, mask, values)

    @functools.cached_property
    def _changed(self) -> Any:
        def changed(here, mask, index):
            t, y, d, c, p = here
            return self._change(y, d, c, p, t, mask, index)

        return compiled(changed)

    @functools.cached_property
    def _changed_and_slopes(self) -> Any:
        def both(here, mask, index, directions):
            t, *at = here

            def change(y, d, c, p):
                return self._change(y, d, c, p, t, mask, index)

            found, push = jax.linearize(change, *at)
            return found, jax.vmap(push)(*directions)

        return compiled(both)

    @functools.cached_property
    def _observed(self) -> Any:
        return compiled(self.layout.observed)

    @functools.cached_property
    def _observed_and_slopes(self) -> Any:
        def both(at, directions):
            found, push = jax.linearize(self.layout.observed, *at)
            return found, jax.vmap(push)(*directions)

        return compiled(both)


def _nothing(*parts: np.ndarray) -> list[np.ndarray]:
    return [np.zeros((0, len(part))) for part in parts]
