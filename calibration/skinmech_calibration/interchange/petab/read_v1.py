"""PEtab version 1: a wide condition table, pre-equilibration and simulation conditions."""

import math
import re
from pathlib import Path
from typing import Any

from ..errors import InterchangeError, require
from ..expression import Expr, number, substitute, symbol, symbols
from ..sbml.model import Description
from .formula import read_formula
from .tables import Measurement, Observable, Parameter, Period, Prior, Tables

_PRIORS = {
    "uniform": "uniform", "normal": "normal", "laplace": "laplace", "logNormal": "log-normal",
    "logLaplace": "log-laplace", "parameterScaleUniform": "uniform",
    "parameterScaleNormal": "normal", "parameterScaleLaplace": "laplace",
}  # fmt: skip


def tables_v1(path: Path, config: dict[str, Any], model: Description) -> Tables:
    """Read the tables of a version 1 problem."""
    v1 = require("petab.v1")
    concat = require("petab.v1.core").concat_tables
    problem = config["problems"][0]

    def files(key: str) -> list[str]:
        return [str(path.parent / name) for name in problem.get(key) or []]

    named = config["parameter_file"]
    named = named if isinstance(named, list) else [named]
    parameters = v1.get_parameter_df([str(path.parent / name) for name in named])
    conditions = concat(files("condition_files"), v1.get_condition_df)
    observables = concat(files("observable_files"), v1.get_observable_df)
    frame = concat(files("measurement_files"), v1.get_measurement_df).reset_index(drop=True)
    found = {name: _observable(name, row) for name, row in observables.iterrows()}
    experiments: dict[str, tuple[Period, ...]] = {}
    measurements = []
    for i, row in frame.iterrows():
        before, during = _text(row, "preequilibrationConditionId"), row["simulationConditionId"]
        name = f"{before}|{during}" if before else str(during)
        if name not in experiments:
            experiments[name] = _periods(before, str(during), conditions, model)
        if row["observableId"] not in found:
            raise InterchangeError(
                f"Measurement {i}: there is no observable '{row['observableId']}'."
            )
        measurements.append(_measurement(row, name, found[row["observableId"]]))
    return Tables(
        version=1,
        model=model,
        parameters={str(n): _parameter(str(n), row) for n, row in parameters.iterrows()},
        observables=found,
        experiments=experiments,
        measurements=tuple(measurements),
        frame=frame,
        aliases={},
    )


def _text(row: Any, column: str) -> str:
    """A cell as text; empty where there is none."""
    value = row.get(column)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()


def _number(row: Any, column: str) -> float | None:
    text = _text(row, column)
    return float(text) if text else None


def _parameter(name: str, row: Any) -> Parameter:
    scale = _text(row, "parameterScale") or "lin"
    lower, upper = _number(row, "lowerBound"), _number(row, "upperBound")
    return Parameter(
        id=name,
        nominal=_number(row, "nominalValue"),
        is_free=float(row["estimate"]) == 1,
        lower=-math.inf if lower is None else lower,
        upper=math.inf if upper is None else upper,
        scale=scale,
        prior=_prior(row, "objectivePrior"),
        start=_prior(row, "initializationPrior"),
    )


def _prior(row: Any, column: str) -> Prior | None:
    kind, values = _text(row, f"{column}Type"), _text(row, f"{column}Parameters")
    if not kind or (kind == "parameterScaleUniform" and not values):
        return None
    if kind not in _PRIORS:
        raise InterchangeError(
            f"Unrecognized {column}Type: '{kind}'. Expected one of {', '.join(_PRIORS)}."
        )
    if not values:
        raise InterchangeError(f"{column}Type '{kind}' needs {column}Parameters.")
    return Prior(
        kind=_PRIORS[kind],
        values=tuple(float(v) for v in values.split(";")),
        on_scale=kind.startswith("parameterScale"),
        is_truncated=False,
    )


def _observable(name: str, row: Any) -> Observable:
    formula = read_formula(row["observableFormula"], f"observable '{name}'")
    noise = read_formula(row["noiseFormula"], f"noise of '{name}'")
    used = symbols(formula) | symbols(noise)
    return Observable(
        id=name,
        formula=formula,
        noise=noise,
        is_laplace=(_text(row, "noiseDistribution") or "normal") == "laplace",
        transform=_text(row, "observableTransformation") or "lin",
        placeholders=_placeholders(f"observableParameter(\\d+)_{re.escape(name)}", used),
        noise_placeholders=_placeholders(f"noiseParameter(\\d+)_{re.escape(name)}", used),
    )


def _placeholders(pattern: str, used: set[str]) -> tuple[str, ...]:
    matches = [m for n in used if (m := re.fullmatch(pattern, n))]
    return tuple(m.group(0) for m in sorted(matches, key=lambda m: int(m.group(1))))


def _measurement(row: Any, experiment: str, observable: Observable) -> Measurement:
    fillings: list[float | str] = []
    for column, names in (
        ("observableParameters", observable.placeholders),
        ("noiseParameters", observable.noise_placeholders),
    ):
        given = fillings_of(_text(row, column))
        if len(given) != len(names):
            raise InterchangeError(
                f"A measurement of '{observable.id}' gives {len(given)} {column}, expected "
                f"{len(names)}."
            )
        fillings += given
    return Measurement(
        observable.id, experiment, float(row["time"]), float(row["measurement"]), tuple(fillings)
    )


def fillings_of(text: str) -> list[float | str]:
    """Numbers and names between semicolons."""
    out: list[float | str] = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        try:
            out.append(float(part))
        except ValueError:
            out.append(part)
    return out


def _periods(before: str, during: str, conditions: Any, model: Description) -> tuple[Period, ...]:
    for name in filter(None, (before, during)):
        if name not in conditions.index:
            raise InterchangeError(f"There is no condition '{name}' in the condition table.")
    if not before:
        return (Period(0.0, _changes(conditions.loc[during], model, None)),)
    changes = _changes(conditions.loc[during], model, conditions.loc[before])
    return (
        Period(-math.inf, _changes(conditions.loc[before], model, None)),
        Period(0.0, {**changes, **_derived(changes, model)}),
    )


def _derived(changes: dict[str, Expr], model: Description) -> dict[str, Expr]:
    """Constants that the model derives from parameters which a condition changes.

    A version 1 condition gives the parameters of its whole simulation, and with them what the
    model's initial assignments derive from parameters alone. (Version 2 says that initial
    assignments hold at the very start only.)
    """
    moving = {*model.rates, *model.assignments, *changes}
    moving |= {name for event in model.events for name, _ in event.assignments}
    known = {*model.parameters, *model.compartments}
    values = {name: value for name, value in changes.items() if name in known}
    found: dict[str, Expr] = {}
    is_growing = True
    while is_growing:
        is_growing = False
        for name, formula in model.initial.items():
            used = symbols(formula)
            if name in moving or name in found or name not in model.parameters:
                continue
            if used & set(values) and used <= known:
                found[name] = values[name] = substitute(formula, values)
                is_growing = True
    return found


def _changes(row: Any, model: Description, before: Any) -> dict[str, Expr]:
    """What a condition assigns.

    An empty cell leaves a species, a compartment or a rate-rule target as it is; a constant
    parameter goes back to the model's value where the condition before it had changed it.
    """
    changes = {}
    for name in row.index:
        if name == "conditionName":
            continue
        if text := _text(row, name):
            changes[str(name)] = _cell(text)
        elif before is not None and _text(before, name) and name in model.parameters:
            if name in model.rates:
                continue
            value = model.parameters[name].value
            if value is None or name in model.initial:
                raise InterchangeError(
                    f"A condition leaves '{name}' empty after a pre-equilibration that sets it, "
                    "but the model gives it no plain value. State the value."
                )
            changes[str(name)] = number(value)
    return changes


def _cell(text: str) -> Expr:
    try:
        return number(float(text))
    except ValueError:
        return symbol(text)
