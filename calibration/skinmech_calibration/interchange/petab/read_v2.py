"""PEtab version 2: a long condition table, and experiments of any number of periods."""

import math
from pathlib import Path
from typing import Any

from ..errors import InterchangeError, require
from ..expression import Expr
from ..sbml.model import Description
from .formula import read_formula
from .tables import Measurement, Observable, Parameter, Period, Prior, Tables


def tables_v2(path: Path, config: dict[str, Any], model: Description) -> Tables:
    """Read the tables of a version 2 problem."""
    core = require("petab.v2.core")
    base = str(path.parent)

    def rows(key: str, table: Any) -> list[Any]:
        return [
            one for name in config.get(key) or [] for one in table.from_tsv(name, base).elements
        ]

    conditions = {one.id: _changes(one) for one in rows("condition_files", core.ConditionTable)}
    experiments = {
        one.id: _periods(one, conditions) for one in rows("experiment_files", core.ExperimentTable)
    }
    observables = {
        one.id: _observable(one) for one in rows("observable_files", core.ObservableTable)
    }
    readings = rows("measurement_files", core.MeasurementTable)
    known = {**experiments, "": (Period(0.0, {}),)}
    measurements = tuple(_measurement(one, observables, known) for one in readings)
    frames = [
        core.MeasurementTable.from_tsv(name, base).to_df()
        for name in config.get("measurement_files") or []
    ]
    used = {one.experiment for one in measurements}
    return Tables(
        version=2,
        model=model,
        parameters={
            one.id: _parameter(one) for one in rows("parameter_files", core.ParameterTable)
        },
        observables=observables,
        experiments={name: periods for name, periods in known.items() if name in used},
        measurements=measurements,
        frame=require("pandas").concat(frames, ignore_index=True),
        aliases={
            one.petab_id: one.model_id
            for one in rows("mapping_files", core.MappingTable)
            if one.model_id
        },
    )


def _changes(condition: Any) -> dict[str, Expr]:
    found: dict[str, Expr] = {}
    for change in condition.changes:
        if change.target_id in found:
            raise InterchangeError(
                f"Condition '{condition.id}' assigns '{change.target_id}' more than once."
            )
        found[change.target_id] = read_formula(
            change.target_value, f"condition '{condition.id}', '{change.target_id}'"
        )
    return found


def _periods(experiment: Any, conditions: dict[str, dict[str, Expr]]) -> tuple[Period, ...]:
    changes: dict[float, dict[str, Expr]] = {}
    for period in experiment.periods:
        now = changes.setdefault(float(period.time), {})
        for name in filter(None, period.condition_ids):
            if name not in conditions:
                raise InterchangeError(
                    f"Experiment '{experiment.id}': there is no condition '{name}'."
                )
            if twice := set(now) & set(conditions[name]):
                raise InterchangeError(
                    f"Experiment '{experiment.id}' assigns {', '.join(sorted(twice))} more than "
                    f"once at time {period.time:g}."
                )
            now.update(conditions[name])
    return tuple(Period(time, changes[time]) for time in sorted(changes))


def _observable(one: Any) -> Observable:
    distribution = str(getattr(one.noise_distribution, "value", one.noise_distribution))
    transform, _, kind = distribution.rpartition("-")
    if kind not in ("normal", "laplace") or transform not in ("", "log", "log10"):
        raise InterchangeError(f"Unrecognized noiseDistribution of '{one.id}': '{distribution}'.")
    return Observable(
        id=one.id,
        formula=read_formula(one.formula, f"observable '{one.id}'"),
        noise=read_formula(one.noise_formula, f"noise of '{one.id}'"),
        is_laplace=kind == "laplace",
        transform=transform or "lin",
        placeholders=tuple(str(s) for s in one.observable_placeholders),
        noise_placeholders=tuple(str(s) for s in one.noise_placeholders),
    )


def _measurement(
    one: Any, observables: dict[str, Observable], experiments: dict[str, Any]
) -> Measurement:
    experiment = one.experiment_id or ""
    for name, known, what in (
        (one.observable_id, observables, "observable"),
        (experiment, experiments, "experiment"),
    ):
        if name not in known:
            raise InterchangeError(f"A measurement names the {what} '{name}', which is not there.")
    observable = observables[one.observable_id]
    fillings: list[float | str] = []
    for given, names, column in (
        (one.observable_parameters, observable.placeholders, "observableParameters"),
        (one.noise_parameters, observable.noise_placeholders, "noiseParameters"),
    ):
        if len(given) != len(names):
            raise InterchangeError(
                f"A measurement of '{observable.id}' gives {len(given)} {column}, expected "
                f"{len(names)}."
            )
        fillings += [str(v) if getattr(v, "is_Symbol", False) else float(v) for v in given]
    return Measurement(
        observable.id, experiment, float(one.time), float(one.measurement), tuple(fillings)
    )


def _parameter(one: Any) -> Parameter:
    prior = None
    if one.estimate and one.prior_distribution:
        kind = str(getattr(one.prior_distribution, "value", one.prior_distribution))
        prior = Prior(kind, tuple(float(v) for v in one.prior_parameters))
    return Parameter(
        id=one.id,
        nominal=one.nominal_value,
        is_free=bool(one.estimate),
        lower=-math.inf if one.lb is None else float(one.lb),
        upper=math.inf if one.ub is None else float(one.ub),
        prior=prior,
        start=prior,
    )
