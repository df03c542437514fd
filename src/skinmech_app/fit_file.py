"""The file a fit leaves: posterior, starts, fit against data, forecasts asked for, provenance."""

import dataclasses
import hashlib
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failures import Problem, UserError
from .files import read_text, sha256, write_whole
from .runtime import grid, versions
from .study import Donor, Forecast, Study, TreatmentLine
from .terminal import command, plain

if TYPE_CHECKING:
    from skinmech_calibration import Experiment, FitResult, Prediction

KIND = "skinmech fit result"
CURVE_POINTS = 49


def contents(
    study: Study, result: "FitResult", curves: "dict[str, Prediction]", seconds: float
) -> dict[str, Any]:
    """Everything later commands and the report need, as plain values without any identity."""
    predicted = result.predictions()
    open_ = result.undetermined()
    return {
        "kind": KIND,
        "study": {"id": study.study_id, "title": study.title},
        "donor": dataclasses.asdict(study.donor),
        "forecasts": [dataclasses.asdict(one) for one in study.forecasts],
        "courses": {
            one.name: [dataclasses.asdict(line) for line in one.treatments or study.treatments]
            for one in study.clinics
        },
        "posterior": result.posterior.to_dict(),
        "parameters": result.posterior.summary(),
        "starts": [dataclasses.asdict(one) for one in result.starts],
        "cost": result.cost,
        "data_cost": result.data_cost,
        "num_data": result.problem.num_data,
        "is_converged": result.is_converged,
        "interrupted": result.interrupted,
        "at_bounds": list(result.at_bounds),
        "num_agreeing": result.num_agreeing,
        "undetermined": list(open_.sentences),
        "experiments": [
            experiment_rows(one, predicted[one.name], curves.get(one.name))
            for one in result.problem.experiments
        ],
        "provenance": provenance(study, seconds),
    }


def provenance(study: Study, seconds: float) -> dict[str, Any]:
    """Versions, hashes of the inputs by their role, settings and the command."""
    from skinmech import simulator

    from .runtime import model

    machine = simulator(model())
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": command(),
        "versions": versions(),
        "inputs": {role: sha256(path) for role, path in study.inputs.items()},
        "seed": study.fit.seed,
        "starts": study.fit.starts,
        "tolerances": {"rtol": machine.rtol, "atol": machine.atol},
        "grid": list(grid()),
        "seconds": seconds,
    }


def experiment_rows(
    one: "Experiment", predicted: Any, curve: "Prediction | None"
) -> dict[str, Any]:
    """An experiment as the report shows it: values, predicted ones, and curves with bands."""
    specs = curve.units if curve is not None else {}
    rows = [
        {
            "observable": o.observable, "unit": specs.get(o.observable, ""), "day": o.time,
            "value": o.value, "sd": o.sd, "censor": o.censor, "limit_low": o.limit_low,
            "limit_high": o.limit_high, "predicted": float(p),
        }
        for o, p in zip(one.observations, predicted, strict=True)
    ]  # fmt: skip
    curves = {}
    if curve is not None:
        for name in curve.units:
            low, high = curve.band(name, 0.9)
            reading = curve.band(name, 0.9, measurement=True)
            curves[name] = {
                "days": curve.times, "median": curve.median(name), "low": low, "high": high,
                "reading_low": reading[0], "reading_high": reading[1],
                "draws": len(curve.parameters),
            }  # fmt: skip
    return {
        "name": one.name,
        "setting": one.setting.kind,
        "start": one.start if isinstance(one.start, str) else "given",
        "days": one.protocol.days,
        "drugs": [drug.name for drug in one.protocol.drugs()],
        "notes": list(one.notes),
        "rows": rows,
        "curves": curves,
    }


def save(content: dict[str, Any], path: Path) -> Path:
    """Write a fit file, whole or not at all, with its sha256 inside."""
    text = json.dumps(plain(content), sort_keys=True, allow_nan=False)
    whole = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "content": json.loads(text)}
    return write_whole(path, json.dumps(whole))


def load(path: Path) -> dict[str, Any]:
    """Read a fit file.

    Raises:
        UserError: the file is missing, of another kind, or damaged.
    """
    text = read_text(path, "the fit")
    try:
        whole = json.loads(text)
        content, told = whole["content"], whole["sha256"]
        found = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        fine = found == told and content["kind"] == KIND
    except (ValueError, KeyError, TypeError):
        fine, content = False, {}
    if not fine:
        raise UserError(
            Problem("not_a_fit", "The file is no fit, or was changed or damaged.", path.name,
                    expected="a file written by skinmech fit", fix="run skinmech fit again")
        )  # fmt: skip
    return content


def donor_of(content: dict[str, Any]) -> Donor:
    """The donor of a fit."""
    return Donor(**content["donor"])


def forecasts_of(content: dict[str, Any]) -> list[Forecast]:
    """The forecasts that the study asks for."""
    return [
        Forecast(one["name"], tuple(TreatmentLine(**line) for line in one["treatments"]),
                 one["weeks"])
        for one in content["forecasts"]
    ]  # fmt: skip


def courses_of(content: dict[str, Any]) -> dict[str, tuple[TreatmentLine, ...]]:
    """What the donor got, by clinical table of the study, and by course of the updates."""
    known = content.get("courses", {}) | {
        name: one["treatments"] for name, one in content.get("twin", {}).get("courses", {}).items()
    }
    return {name: tuple(TreatmentLine(**line) for line in lines) for name, lines in known.items()}


def number(value: Any) -> float:
    """A number read back from JSON, where NaN is null."""
    return math.nan if value is None else float(value)
