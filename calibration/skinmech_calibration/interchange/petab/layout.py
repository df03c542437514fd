"""A PEtab problem laid out as arrays: one plan an experiment, one place a measurement."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..emit import Emitter, Ref, vector
from ..errors import InterchangeError, refuse
from ..expression import Expr, number, symbol, symbols
from ..hybrid import Plan, System, Where
from ..operations import functions
from ..sbml.model import Description, Parameter as ModelParameter
from ..sbml.system import Quantities, build_system
from .noise import Readings
from .priors import check_prior
from .tables import Observable, Tables


class Group(NamedTuple):
    """All measurements of one observable.

    Attributes:
        observe: `(t, y, d, c, p, q) -> (value, noise)`.
        rows: Of the measurement table.
        experiments: Of each row.
        saves: Place of each row among the saves of its experiment.
        times: Of each row.
        filled: Index of each filling in `p` followed by the literals.
    """

    observe: Callable[..., Any]
    rows: np.ndarray
    experiments: np.ndarray
    saves: np.ndarray
    times: np.ndarray
    filled: np.ndarray


@dataclasses.dataclass(frozen=True)
class Layout:
    """The arrays of a problem.

    Attributes:
        system: The model with the changes of all conditions.
        names: Parameters of the table, in the order of `p`.
        plans: One an experiment, stacked.
        experiments: Their names.
        cells: `(t, p) -> values` of the conditions at the start of experiments.
        cell_index: Which of them every entity takes, -1 for none, one row an experiment.
        entity_index: Which parameter every entity takes, -1 for none.
        groups: Measurements by observable.
        literals: Numbers that fill placeholders.
        readings: All readings.
    """

    system: System
    names: tuple[str, ...]
    plans: Plan
    experiments: tuple[str, ...]
    cells: Callable[..., Float[Array, " cell"]]
    cell_index: np.ndarray
    entity_index: np.ndarray
    groups: tuple[Group, ...]
    literals: np.ndarray
    readings: Readings

    def overrides(self, p: Float[Array, " parameter"]) -> tuple[np.ndarray, Array]:
        """Masks and values of the entities at the start of every experiment."""
        values = jnp.where(self.entity_index >= 0, p[np.maximum(self.entity_index, 0)], 0.0)
        values = jnp.broadcast_to(values, self.cell_index.shape)
        if np.any(self.cell_index >= 0):
            cells = jax.vmap(self.cells, in_axes=(0, None))(self.plans.starts[:, 0], p)
            picked = jnp.take_along_axis(cells, np.maximum(self.cell_index, 0), axis=1)
            values = jnp.where(self.cell_index >= 0, picked, values)
        return (self.cell_index >= 0) | (self.entity_index >= 0), values

    def observed(self, p: Any, y: Any, d: Any, c: Any) -> Float[Array, "row 2"]:
        """Value and noise parameter of every measurement.

        Args:
            p: Parameters of the table.
            y: Continuous states of every experiment at its saves.
            d: Discrete states likewise.
            c: Constants of every experiment.
        """
        q = jnp.concatenate([p, self.literals])
        both = jnp.zeros((len(self.readings.value), 2))
        for group in self.groups:
            e, m = group.experiments, group.saves
            at = Where(jnp.asarray(group.times), y[e, m], d[e, m], c[e], p)
            found = jax.vmap(group.observe, in_axes=(0, 0, 0, 0, None, 0))(*at, q[group.filled])
            both = both.at[group.rows].set(found)
        return both


def lay_out(tables: Tables) -> Layout:
    """Check a problem against its model and lay it out.

    Raises:
        InterchangeError: tables and model do not fit; every problem is listed.
    """
    model = _with_outputs(tables)
    names = tuple(tables.parameters)
    refuse(_problems(tables, model), "The tables do not fit the model or each other:")
    outside: dict[str, Expr | Ref] = {
        name: Ref(f"p[{i}]") for i, name in enumerate(names) if name not in model.entities
    }
    outside |= {a: symbol(m) for a, m in tables.aliases.items() if a != m and m in model.entities}
    first = {name: periods[0].changes for name, periods in tables.experiments.items()}
    later = [
        (target, value)
        for periods in tables.experiments.values()
        for period in periods[1:]
        for target, value in period.changes.items()
    ]
    renamed = {a: m for a, m in tables.aliases.items() if m in model.entities}
    targets = tuple(dict.fromkeys(renamed.get(target, target) for target, _ in later))
    formulas = tuple(dict.fromkeys(value for _, value in later))
    kept = Quantities(model, targets, outside)
    system = build_system(kept, formulas)
    experiments = tuple(tables.experiments)
    saves = _saves(tables)
    cells = tuple(dict.fromkeys(value for changes in first.values() for value in changes.values()))
    cell_index = np.full((len(experiments), len(model.entities)), -1)
    for row, name in enumerate(experiments):
        for target, value in first[name].items():
            column = model.entities.index(renamed.get(target, target))
            cell_index[row, column] = cells.index(value)
    place = {renamed.get(name, name): i for i, name in enumerate(names)}
    literals = sorted({f for m in tables.measurements for f in m.fillings if isinstance(f, float)})
    return Layout(
        system=system,
        names=names,
        plans=_plans(tables, saves, kept.changed, formulas, renamed),
        experiments=experiments,
        cells=_cells(tables, model, outside, cells),
        cell_index=cell_index,
        entity_index=np.array([place.get(n, -1) for n in model.entities], int),
        groups=_groups(tables, kept, saves, names, literals),
        literals=np.array(literals, float),
        readings=_readings(tables),
    )


def _with_outputs(tables: Tables) -> Description:
    """The model with what conditions assign that only observables read."""
    model = tables.model
    known = {*model.entities, *tables.aliases}
    extra = {
        target
        for periods in tables.experiments.values()
        for period in periods
        for target in period.changes
    } - known
    added = {name: ModelParameter(name, None) for name in sorted(extra)}
    return dataclasses.replace(model, parameters={**model.parameters, **added})


def _problems(tables: Tables, model: Description) -> list[str]:
    found = []
    known = {*model.entities, *model.reactions, *tables.parameters, *tables.aliases}
    for name, one in tables.observables.items():
        own = {*one.placeholders, *one.noise_placeholders, *tables.observables}
        missing = (symbols(one.formula) | symbols(one.noise)) - known - own
        found += [f"observable '{name}' uses '{n}', which is not there" for n in sorted(missing)]
    for one in tables.measurements:
        found += [
            f"a measurement of '{one.observable}' is filled with '{n}', which is not in the "
            "parameter table"
            for n in one.fillings
            if isinstance(n, str) and n not in tables.parameters
        ]
    for name in tables.parameters:
        if tables.aliases.get(name, name) in model.assignments:
            found.append(f"parameter '{name}' is determined by an assignment rule of the model")
    for experiment, periods in tables.experiments.items():
        for i, period in enumerate(periods):
            for target, value in period.changes.items():
                if target in model.assignments:
                    found.append(f"a condition assigns '{target}', which has an assignment rule")
                if tables.version == 2 and target in tables.parameters:
                    found.append(f"a condition assigns '{target}' of the parameter table")
                extra = symbols(value) - known
                found += [f"a condition uses '{n}', which is not there" for n in sorted(extra)]
                if i == 0 and tables.version == 2:
                    states = symbols(value) - set(tables.parameters)
                    found += [
                        f"experiment '{experiment}' begins with a formula of '{n}', which is not "
                        "in the parameter table"
                        for n in sorted(states - extra)
                    ]
    for parameter in tables.parameters.values():
        if parameter.is_free and not parameter.lower <= parameter.upper:
            found.append(f"parameter '{parameter.id}' has bounds the wrong way round")
        if parameter.is_free and parameter.scale != "lin" and not parameter.lower > 0:
            found.append(f"parameter '{parameter.id}' is on a logarithm, but may be zero")
        if not parameter.is_free and parameter.nominal is None:
            found.append(f"parameter '{parameter.id}' is fixed, but has no nominal value")
        for prior in filter(None, (parameter.prior, parameter.start)):
            found += check_prior(parameter, prior)
    return found


def _cells(tables: Tables, model: Description, outside: dict, cells: tuple[Expr, ...]) -> Any:
    """The function of the values that conditions assign at the start."""
    index = {name: i for i, name in enumerate(tables.parameters)}

    def meaning(name: str) -> Expr | Ref:
        if name in index:
            return Ref(f"p[{index[name]}]")
        if isinstance(outside.get(name), Expr):
            return outside[name]
        known = model.parameters.get(name)
        if known is None or known.value is None or name in model.initial:
            raise InterchangeError(f"A condition uses '{name}', which has no plain value.")
        return number(known.value)

    emitter = Emitter(meaning)
    values = vector([emitter.number(value) for value in cells])
    return functions(emitter.function("cells", "t, p", values))["cells"]


def _schedule(tables: Tables, name: str) -> list[tuple[float, float, bool, dict[str, Expr]]]:
    """Start, end, whether steady, and changes of every period that is run."""
    periods = tables.experiments[name]
    times = [m.time for m in tables.measurements if m.experiment == name]
    finite = [t for t in times if math.isfinite(t)]
    rows: list[tuple[float, float, bool, dict[str, Expr]]] = []
    moved = [p for p in periods if math.isfinite(p.start)]
    if not math.isfinite(periods[0].start):
        rows.append((0.0, math.inf, True, periods[0].changes))
        moved = moved or [dataclasses.replace(periods[0], start=0.0, changes={})]
    last = max([*finite, moved[-1].start])
    ends = [*(p.start for p in moved[1:]), last]
    rows += [(p.start, end, False, p.changes) for p, end in zip(moved, ends, strict=True)]
    if len(finite) < len(times):
        rows.append((last, math.inf, True, {}))
    early = [t for t in finite if t < moved[0].start]
    if early:
        raise InterchangeError(
            f"Experiment '{name}' starts at {moved[0].start:g}, but is measured at {early[0]:g}."
        )
    return rows


def _saves(tables: Tables) -> dict[str, list[tuple[int, float]]]:
    """Period and time of every save of every experiment, in order."""
    found = {}
    for name in tables.experiments:
        rows = _schedule(tables, name)
        times = {m.time for m in tables.measurements if m.experiment == name}
        found[name] = sorted((_period_of(rows, time), time) for time in times)
    return found


def _period_of(rows: list, time: float) -> int:
    if math.isinf(time):
        return len(rows) - 1
    return max(i for i, (start, _, steady, _) in enumerate(rows) if not steady and start <= time)


def _plans(
    tables: Tables, saves: dict, targets: tuple[str, ...], formulas: tuple[Expr, ...],
    renamed: dict[str, str],
) -> Plan:  # fmt: skip
    schedules = [_schedule(tables, name) for name in tables.experiments]
    most = max(len(rows) for rows in schedules)
    most_saves = max(len(one) for one in saves.values())
    size = len(schedules)
    starts, ends = np.zeros((size, most)), np.zeros((size, most))
    steady = np.zeros((size, most), bool)
    times, periods = np.full((size, most_saves), np.inf), np.full((size, most_saves), most + 1)
    mask = np.zeros((size, most, len(targets)), bool)
    index = np.zeros((size, most, len(targets)), int)
    for e, (name, rows) in enumerate(zip(tables.experiments, schedules, strict=True)):
        for k, (start, end, is_steady, changes) in enumerate(rows):
            starts[e, k], ends[e, k], steady[e, k] = start, end, is_steady
            for target, value in changes.items() if k else ():
                column = targets.index(renamed.get(target, target))
                mask[e, k, column], index[e, k, column] = True, formulas.index(value)
        for m, (period, time) in enumerate(saves[name]):
            times[e, m], periods[e, m] = time, period
    num = np.array([len(rows) for rows in schedules])
    arrays = (starts, ends, steady, num, times, periods, mask, index)
    return Plan(*(jnp.asarray(array) for array in arrays))


def _groups(
    tables: Tables, kept: Quantities, saves: dict, names: tuple[str, ...], literals: list[float]
) -> tuple[Group, ...]:
    experiments = list(tables.experiments)
    places = {name: {time: m for m, (_, time) in enumerate(saves[name])} for name in saves}
    groups = []
    for name, observable in tables.observables.items():
        rows = [i for i, m in enumerate(tables.measurements) if m.observable == name]
        if not rows:
            continue
        chosen = [tables.measurements[i] for i in rows]

        def place(filling: float | str) -> int:
            if isinstance(filling, str):
                return names.index(filling)
            return len(names) + literals.index(filling)

        groups.append(
            Group(
                observe=_observe(tables, kept, observable),
                rows=np.array(rows),
                experiments=np.array([experiments.index(m.experiment) for m in chosen]),
                saves=np.array([places[m.experiment][m.time] for m in chosen]),
                times=np.array([m.time for m in chosen]),
                filled=np.array([[place(f) for f in m.fillings] for m in chosen], int),
            )
        )
    return tuple(groups)


def _observe(tables: Tables, kept: Quantities, observable: Observable) -> Any:
    places = [*observable.placeholders, *observable.noise_placeholders]

    def meaning(name: str) -> Expr | Ref:
        if name in places:
            return Ref(f"q[{places.index(name)}]")
        if name in tables.observables and name not in kept.model.entities:
            return tables.observables[name].formula
        return kept.meaning(name)

    emitter = Emitter(meaning)
    value, noise = emitter.number(observable.formula), emitter.number(observable.noise)
    text = emitter.function("observe", "t, y, d, c, p, q", vector([value, noise]))
    return functions(text)["observe"]


def _readings(tables: Tables) -> Readings:
    models = [tables.observables[m.observable] for m in tables.measurements]
    return Readings(
        value=np.array([m.value for m in tables.measurements]),
        is_laplace=np.array([one.is_laplace for one in models]),
        is_log=np.array([one.transform == "log" for one in models]),
        is_log10=np.array([one.transform == "log10" for one in models]),
    )
