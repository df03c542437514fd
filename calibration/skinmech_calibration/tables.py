"""Experiments from plain tables: one row for each value, with its time and units."""

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from skinmech.modelling.model import SkinModel
from skinmech.modelling.ports import ObservableSpec
from skinmech.modelling.units import UnitError, magnitude
from skinmech.protocol import Protocol
from skinmech.settings import Setting

from .errors import raise_all
from .experiment import Experiment, Observation
from .names import nearest

COLUMNS = ("time", "time_unit", "observable", "value", "unit")
OPTIONAL = ("sd", "censor", "limit_low", "limit_high", "window_start", "label")
_CENSORED = ("left", "right", "interval", "failed", "missing")


def from_table(
    source: str | Path | Iterable[Mapping[str, Any]],
    model: SkinModel,
    *,
    name: str,
    setting: Setting,
    protocol: Protocol,
    start: Any = "healthy",
    parameters: Mapping[str, float] | None = None,
    weight: float | None = None,
) -> Experiment:
    """An experiment from a table of values.

    Args:
        source: A CSV file with a header, or rows as mappings. Columns: `time`, `time_unit`,
            `observable`, `value`, `unit`, and where needed `sd`, `censor`, `limit_low`,
            `limit_high` (all in `unit`), `window_start` (in `time_unit`), `label`.
        model: Says which observables there are, and in which unit.
        name: Of the experiment.
        setting: Where the tissue lived.
        protocol: What was done to it.
        start: See `Experiment`.
        parameters: See `Experiment`.
        weight: See `Experiment`.

    Raises:
        CalibrationError: an unreadable file, a missing column, an unknown observable, a unit that
            does not fit, a number that is none, or no rows; every problem is listed.
    """
    rows, place = _rows(source)
    if not rows:
        raise_all([f"{place} has no rows; expected at least one measured value."])
    missing = [column for column in COLUMNS if column not in rows[0]]
    raise_all(
        f"{place}: unable to find the column '{column}'. Columns are "
        f"{', '.join(map(str, rows[0]))}.{nearest(column, map(str, rows[0]))}"
        for column in missing
    )
    strange = [c for c in rows[0] if c not in (*COLUMNS, *OPTIONAL)]
    problems = [f"{place}: unrecognized column '{c}'.{nearest(str(c), (*COLUMNS, *OPTIONAL))}"
                for c in strange]  # fmt: skip
    observations = []
    for number, row in enumerate(rows, start=2 if isinstance(source, (str, Path)) else 1):
        found = _observation(row, model.observables(), f"{place}, row {number}", problems)
        if found is not None:
            observations.append(found)
    if not problems:
        experiment = Experiment(
            name, setting, protocol, tuple(observations), start, dict(parameters or {}), weight
        )
        problems = experiment.problems(model)
        if not problems:
            return experiment
    raise_all(problems)
    raise AssertionError("unreachable")


def _rows(source: Any) -> tuple[list[Mapping[str, Any]], str]:
    if not isinstance(source, (str, Path)):
        return [dict(row) for row in source], "The table"
    path = Path(source)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file)), path.name
    except OSError as error:
        raise_all([f"Unable to read {path.name}: {error.strerror}. Check the path."])
    except (UnicodeDecodeError, csv.Error) as error:
        raise_all([f"Unable to read {path.name} as a CSV file in UTF-8: {error}."])
    raise AssertionError("unreachable")


def _observation(
    row: Mapping[str, Any],
    known: Mapping[str, ObservableSpec],
    where: str,
    problems: list[str],
) -> Observation | None:
    """One row as an observation; what is wrong with it is added to `problems`."""
    count = len(problems)
    name = _text(row, "observable")
    spec = known.get(name)
    if spec is None:
        problems.append(f"{where}: unrecognized observable '{name}'.{nearest(name, known)}")
    censor = _text(row, "censor") or "none"
    if censor != "none" and censor not in _CENSORED:
        problems.append(f"{where}: unrecognized censor '{censor}'. Expected one of none, "
                        f"{', '.join(_CENSORED)}.")  # fmt: skip
    days = _factor(_text(row, "time_unit"), "day", f"{where}, time_unit", problems)
    unit = _text(row, "unit")
    if spec is not None:
        factor = _factor(unit or "dimensionless", spec.unit, f"{where}, unit", problems)
    else:
        factor = 1.0
    time = _number(row, "time", where, problems, is_needed=True)
    value = _number(row, "value", where, problems, is_needed=censor == "none")
    sd = _number(row, "sd", where, problems)
    low = _number(row, "limit_low", where, problems)
    high = _number(row, "limit_high", where, problems)
    began = _number(row, "window_start", where, problems)
    if len(problems) > count:
        return None
    return Observation(
        observable=name,
        time=time * days,
        value=value * factor,
        sd=None if math.isnan(sd) else sd * factor,
        censor=censor,
        limit_low=low * factor,
        limit_high=high * factor,
        window=None if math.isnan(began) else (began * days, time * days),
        label=_text(row, "label"),
    )


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _number(
    row: Mapping[str, Any],
    column: str,
    where: str,
    problems: list[str],
    is_needed: bool = False,
) -> float:
    given = row.get(column)
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        number = float(given)
        if math.isnan(number) and is_needed:
            problems.append(f"{where}: expected a number in column '{column}', got nan.")
        return number
    text = _text(row, column)
    if not text:
        if is_needed:
            problems.append(f"{where}: expected a number in column '{column}', got nothing.")
        return math.nan
    try:
        # float() would read "1_000" as a thousand and "nan" as a value.
        number = float(text) if "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        problems.append(
            f"{where}: expected a number in column '{column}', got '{text}'. Write a value below a "
            "limit as censor 'left' with limit_high."
        )
    return number


def _factor(unit: str, target: str, where: str, problems: list[str]) -> float:
    try:
        return magnitude(f"1 {unit}", target, what=where)
    except UnitError as error:
        problems.append(f"{where}: {error}")
        return 1.0
