"""Scales, offsets and noise parameters, solved for where they only serve observables.

A free parameter is *settled* when nothing but observables reads it, it has no prior, and the best
value follows from the simulation alone (Loos et al. 2018, Bioinformatics 34, 4266; Schmiester et
al. 2020, Bioinformatics 36, 594):

    linear scale    y = a + Σ b_k u_k      offsets and scales u, weighted least squares
    log scale       ln y = ln a + Σ b_k ln u_k     scales
    noise           σ = s κ      s² = mean of (residual/κ)²; Laplace: s = mean of |residual/κ|

a, b and κ do not depend on settled parameters. What only serves observables but has no such
formula, noise with a constant and a relative part for one, is left to a search that needs no
simulation (`PetabObjective.settle`). Where scales and noise depend on one another, each
is solved for given the other until both stand still. Bounds hold.
"""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import lsq_linear

from skinmech.numerics import compiled

from ..expression import Expr, symbols
from .tables import Tables

if TYPE_CHECKING:
    from .problem import PetabProblem

_ROUNDS, _STILL = 50, 1e-10
_FLAT = ("uniform",)
_OTHER = 2  # a degree: neither free of a name nor linear in it


@dataclasses.dataclass(frozen=True)
class Roles:
    """What settled parameters do, by name.

    Attributes:
        linear: Scales and offsets of observables compared as they are.
        factor: Scales of observables compared as logarithms.
        noise: Factors of noise.
    """

    linear: tuple[str, ...] = ()
    factor: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.linear, *self.factor, *self.noise)


def observers(tables: Tables) -> tuple[str, ...]:
    """Free parameters that observables read and nothing else does."""
    serving = _serving(tables)
    used = {n for value, noise, *_ in _formulas(tables) for n in symbols(value) | symbols(noise)}
    return tuple(n for n, one in tables.parameters.items()
                 if one.is_free and n in serving and n in used)  # fmt: skip


def roles(tables: Tables) -> Roles:
    """Which parameters of a problem have their best value by formula."""
    candidates = {
        name for name in observers(tables)
        if (prior := tables.parameters[name].prior) is None or prior.kind in _FLAT
    }  # fmt: skip
    uses = [_Use(*pair) for pair in _formulas(tables)]
    found = Roles()
    while True:  # leaving one out can free or bar another
        found = _sorted(tables, candidates, uses)
        if len(found.names) == len(candidates):
            return found
        candidates = set(found.names)


@dataclasses.dataclass(frozen=True)
class _Use:
    """Formulas of one group of measurements, with placeholders filled."""

    value: Expr
    noise: Expr
    is_log: bool
    is_laplace: bool


def _sorted(tables: Tables, candidates: set[str], uses: Iterable[_Use]) -> Roles:
    """Candidates that every formula lets be settled, given the others."""
    fits: dict[str, set[str]] = {name: {"linear", "factor", "noise"} for name in candidates}
    shapes: dict[str, set[bool]] = {name: set() for name in candidates}
    for use in uses:
        in_value, in_noise = (symbols(one) & candidates for one in (use.value, use.noise))
        for name in in_noise:
            is_alone = in_noise == {name} and _is_factor(use.noise, name)
            fits[name] &= {"noise"} if is_alone else set()
            shapes[name].add(use.is_laplace)
        together = _degree(use.value, frozenset(in_value))
        for name in in_value:
            if use.is_laplace or in_noise & in_value:
                fits[name] = set()
            elif use.is_log:
                fits[name] &= {"factor"} if _is_factor(use.value, name) else set()
            else:
                fits[name] &= {"linear"} if together <= 1 else set()
    for name, both in shapes.items():
        fits[name] &= set() if len(both) > 1 else fits[name]
    ordered = [name for name in tables.parameters if name in candidates]
    linear, factor, noise = (
        tuple(n for n in ordered if fits[n] == {kind}) for kind in ("linear", "factor", "noise")
    )
    return Roles(linear, factor, noise)


def _serving(tables: Tables) -> set[str]:
    """Names of the parameter table that nothing but observables reads or sets."""
    model = tables.model
    read: list[Expr] = [
        e for r in model.reactions.values() for e in (r.rate, *dict(r.changes).values())
    ]
    read += [*model.rates.values(), *model.initial.values()]
    barred = {*model.compartments, *model.species, *model.rates, *model.initial, *model.assignments}
    barred |= {one.conversion for one in model.species.values() if one.conversion}
    for event in model.events:
        read += [event.trigger, *(value for _, value in event.assignments)]
        read += [event.priority] if event.priority is not None else []
        barred |= set(dict(event.assignments))
    for periods in tables.experiments.values():
        for period in periods:
            read += period.changes.values()
            barred |= {tables.aliases.get(target, target) for target in period.changes}
    known = {n: tables.aliases.get(n, n) for n in tables.parameters}
    for one in read:
        barred |= symbols(_expanded(one, model.assignments))
    return {name for name, meant in known.items() if name not in barred and meant not in barred}


def _formulas(tables: Tables) -> list[tuple[Expr, Expr, bool, bool]]:
    """Value and noise of every way an observable is filled."""
    inner = {a: Expr("symbol", value=m) for a, m in tables.aliases.items()}
    back = {m: a for a, m in tables.aliases.items() if a in tables.parameters}
    known: dict[str, Expr] = {**{n: o.formula for n, o in tables.observables.items()
                                 if n not in tables.model.entities},
                              **tables.model.assignments}  # fmt: skip
    found = []
    for observable, fillings in dict.fromkeys(
        (m.observable, m.fillings) for m in tables.measurements
    ):
        one = tables.observables[observable]
        places = (*one.placeholders, *one.noise_placeholders)
        filled = {
            place: Expr("symbol", value=f) if isinstance(f, str) else Expr("number", value=f)
            for place, f in zip(places, fillings, strict=False)
        }
        told = {**inner, **known, **filled, **{m: Expr("symbol", value=a) for m, a in back.items()}}
        value, noise = (_expanded(e, told) for e in (one.formula, one.noise))
        found.append((value, noise, one.transform != "lin", one.is_laplace))
    return found


def _expanded(expr: Expr, known: Mapping[str, Expr], above: frozenset[str] = frozenset()) -> Expr:
    """The expression with names replaced by what they stand for, all the way down."""
    if expr.op == "symbol":
        name = str(expr.value)
        if name not in known or name in above:
            return expr
        return _expanded(known[name], known, above | {name})
    if not expr.args:
        return expr
    return Expr(expr.op, tuple(_expanded(a, known, above) for a in expr.args), expr.value)


def _degree(expr: Expr, names: frozenset[str]) -> int:
    """0 where none of the names occurs, 1 where the expression is linear in them, else 2."""
    if expr.op == "symbol":
        return int(str(expr.value) in names)
    parts = [_degree(arg, names) for arg in expr.args]
    if not any(parts):
        return 0
    if expr.op in ("add", "subtract", "negate"):
        return max(parts)
    if expr.op == "multiply":
        return min(sum(parts), _OTHER)
    if expr.op == "divide":
        return parts[0] if not parts[1] else _OTHER
    return _OTHER


def _is_factor(expr: Expr, name: str) -> bool:
    """Whether the expression is the name times what does not depend on it."""
    if expr.op == "symbol":
        return str(expr.value) == name
    own = [_degree(arg, frozenset((name,))) > 0 for arg in expr.args]
    if expr.op in ("add", "subtract", "negate"):
        return all(own) and all(_is_factor(arg, name) for arg in expr.args)
    if expr.op == "multiply":
        return sum(own) == 1 and _is_factor(expr.args[own.index(True)], name)
    return expr.op == "divide" and own == [True, False] and _is_factor(expr.args[0], name)


class Settler:
    """Best values of the settled parameters, given states.

    Attributes:
        roles: What those do that have a formula.
        others: Those that have none.
        names: All of them.
    """

    def __init__(self, problem: "PetabProblem"):
        """Lay out the parameters; nothing is compiled yet."""
        self.roles = roles(problem.tables)
        known = self.roles.names
        self.others = tuple(n for n in observers(problem.tables) if n not in known)
        self.names = (*self.roles.names, *self.others)
        self._layout = problem.layout
        names = list(problem.layout.names)
        self._places = np.array([names.index(name) for name in self.names], int)
        tables = [problem.tables.parameters[name] for name in self.names]
        self._low = np.array([one.lower for one in tables])
        self._high = np.array([one.upper for one in tables])

    @functools.cached_property
    def _told(self) -> Any:
        """Value and noise of every measurement, and their slopes by the settled parameters."""
        layout, places = self._layout, self._places
        is_inside = any(name in layout.system.entities for name in self.names)

        def constants(whole: Any) -> Any:
            mask, value = layout.overrides(whole)

            def start(t, mask, value):
                return layout.system.initial(t, mask, value, whole).c

            return jax.vmap(start)(jnp.asarray(layout.plans.starts)[:, 0], mask, value)

        def told(p: Any, y: Any, d: Any, c: Any) -> Any:
            def at(part: Any) -> Any:
                whole = p.at[places].set(part)
                return layout.observed(whole, y, d, constants(whole) if is_inside else c)

            found, push = jax.linearize(at, p[places])
            return found, jax.vmap(push)(jnp.eye(len(places)))

        return compiled(told)

    def observed(self, p: np.ndarray, y: Any, d: Any, c: Any) -> tuple[np.ndarray, np.ndarray]:
        """Value and noise of every measurement for states that are known, and their slopes.

        Returns:
            Shapes (row, 2) and (name, row, 2); slopes are by values, not coordinates.
        """
        both, slopes = self._told(jnp.asarray(p), y, d, c)
        return np.asarray(both), np.asarray(slopes)

    def solve(self, p: np.ndarray, y: Any, d: Any, c: Any) -> np.ndarray:
        """All parameters, those with a formula at their best for these states.

        Args:
            p: Parameters of the table, linear scale.
            y: Continuous states of every experiment at its saves.
            d: Discrete states likewise.
            c: Constants of every experiment.
        """
        both, slopes = self.observed(p, y, d, c)
        readings, p = self._layout.readings, np.array(p)
        value, sigma = both.T
        on_log = readings.is_log | readings.is_log10
        if not (np.all(np.isfinite(both)) and np.all(value[on_log] > 0) and np.all(sigma > 0)):
            return p
        ends = np.cumsum([len(self.roles.linear), len(self.roles.factor), len(self.roles.noise)])
        linear, factor, noise, _ = np.split(np.arange(len(self.names)), ends)
        gap = np.asarray(readings.on_scale(value)) - np.asarray(readings.on_scale(readings.value))
        unit = np.where(readings.is_log10, 1.0 / np.log(10.0), 1.0)[:, None]
        design = np.concatenate(
            [slopes[linear, :, 0].T, unit * (slopes[factor, :, 0].T != 0.0)], axis=1
        )
        now = np.concatenate([p[self._places[linear]], np.log(p[self._places[factor]])])
        with np.errstate(divide="ignore"):
            low = np.concatenate([self._low[linear], np.log(self._low[factor])])
            high = np.concatenate([self._high[linear], np.log(self._high[factor])])
        mine = slopes[noise, :, 1] != 0.0  # (noise, row)
        for _ in range(_ROUNDS):
            step = _step(design / sigma[:, None], gap / sigma, low - now, high - now)
            now, gap, before = now + step, gap + design @ step, sigma
            sigma = self._noise(p, noise, mine, gap, sigma)
            if not mine.any() or np.allclose(sigma, before, rtol=_STILL, atol=0.0):
                break
        p[self._places[linear]] = now[: len(linear)]
        p[self._places[factor]] = np.exp(now[len(linear) :])
        return p

    def _noise(
        self, p: np.ndarray, noise: np.ndarray, mine: np.ndarray, gap: np.ndarray, sigma: np.ndarray
    ) -> np.ndarray:
        """Best noise parameters, written into `p`; the noise of every measurement with them."""
        sigma = np.array(sigma)
        for k, rows in zip(noise, mine, strict=True):
            if not rows.any():
                continue
            place = self._places[k]
            share = np.abs(gap[rows]) / (sigma[rows] / p[place])
            is_laplace = bool(self._layout.readings.is_laplace[rows][0])
            best = float(np.mean(share) if is_laplace else np.sqrt(np.mean(share**2)))
            best = float(np.clip(best, self._low[k], self._high[k]))
            if best > 0.0:
                sigma[rows] *= best / p[place]
                p[place] = best
        return sigma


def _step(design: np.ndarray, gap: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The bounded step that brings gap + design·step nearest zero; zero where it tells nothing."""
    step = np.zeros(design.shape[1])
    size = np.sqrt(np.sum(design**2, axis=0))
    told = size > 0
    if not told.any():
        return step
    scaled = design[:, told] / size[told]
    found = np.linalg.lstsq(scaled, -gap, rcond=1e-12)[0]
    low, high = low[told] * size[told], high[told] * size[told]
    if np.any(found < low) or np.any(found > high):
        is_open = low < high
        inside = lsq_linear(scaled[:, is_open], -gap, (low[is_open], high[is_open]))
        found = np.where(is_open, 0.0, np.clip(0.0, low, high))
        found[is_open] = inside.x
    step[told] = found / size[told]
    return step
