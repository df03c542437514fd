"""A calibration on a model of ordinary differential equations as a PEtab problem of version 2.

Experiments become PEtab experiments: a first period from minus infinity, the steady state in the
first surroundings, then one period for each change of the surroundings. Free parameters keep prior
and bounds; values are compared with the noise they are fitted with: log-normal where our own noise
is proportional (log-normal and proportional noise have the same density), normal elsewhere.

Refused by name, since PEtab has no words for them: censored values, collection windows, readings
of zero compared in logarithms, doses, light and tape strips, a start other than the steady state.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np

from skinmech.schedule import schedule

from ..noise import CENSOR_CODES, EXACT, MASKED
from ..problem import CalibrationProblem
from .errors import UnsupportedError, refuse, require
from .export_sbml import Written, export_sbml, identifier, refuse_jumps

_FILES = {"model": "model.xml", "conditions": "conditions.tsv", "experiments": "experiments.tsv",
          "observables": "observables.tsv", "measurements": "measurements.tsv",
          "parameters": "parameters.tsv"}  # fmt: skip


def export_petab(problem: CalibrationProblem, folder: str | Path) -> Path:
    """Write a calibration as PEtab version 2.

    Args:
        problem: On a model without transport, such as `culture_model`.
        folder: Where to; made if it is not there.

    Returns:
        The YAML file of the problem.

    Raises:
        UnsupportedError: everything that PEtab cannot say, listed.
        ImportError: petab or python-libsbml is not installed; the message names the extra.
    """
    _refuse(problem)
    core = require("petab.v2.core")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    first = problem.experiments[0]
    written = export_sbml(
        problem.model, first.protocol, first.setting, parameters=problem.base, events=False,
        varies=frozenset(_varying(problem)),
    )  # fmt: skip
    written.save(folder / _FILES["model"])
    names = {member.name: f"fit_{identifier(member.name)}" for member in problem.free.members}
    tables = {
        "conditions": core.ConditionTable, "experiments": core.ExperimentTable,
        "observables": core.ObservableTable, "measurements": core.MeasurementTable,
        "parameters": core.ParameterTable,
    }  # fmt: skip
    conditions, experiments = _periods(core, problem, written, names)
    observables, measurements = _readings(core, problem, written)
    rows = {
        "conditions": conditions, "experiments": experiments, "observables": observables,
        "measurements": measurements, "parameters": _parameters(core, problem, names),
    }  # fmt: skip
    for key, kind in tables.items():
        kind(elements=rows[key]).to_tsv(folder / _FILES[key])
    lines = ["format_version: 2.0.0", "model_files:", "  skinmech:", "    language: sbml",
             f"    location: {_FILES['model']}"]  # fmt: skip
    lines += [f"{key[:-1]}_files:\n- {_FILES[key]}" for key in tables]
    path = folder / "problem.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _refuse(problem: CalibrationProblem) -> None:
    found = []
    specs = problem.model.observables()
    for one in problem.experiments:
        where = f"experiment '{one.name}'"
        try:
            refuse_jumps(schedule(problem.model, one.protocol, one.setting, weight=one.weight))
        except UnsupportedError as error:
            found.append(f"{where}: {error}")
        if not isinstance(one.start, str):
            found.append(f"{where}: a start that is not a steady state")
        for o in one.observations:
            reading = f"{where}, {o.observable} on day {o.time:g}"
            code = CENSOR_CODES[o.censor]
            if code not in (EXACT, MASKED):
                found.append(f"{reading}: a censored value")
            if o.window is not None:
                found.append(f"{reading}: a collection window")
            if code == EXACT and specs[o.observable].noise == "proportional" and not o.value > 0:
                found.append(f"{reading}: a reading of zero with proportional noise")
    refuse(found, "PEtab has no words for:", UnsupportedError)


def _varying(problem: CalibrationProblem) -> list[str]:
    """Paths of parameters that a condition sets."""
    paths = {member.path for member in problem.free.members}
    return sorted(paths.union(*(one.parameters for one in problem.experiments)))


def _periods(
    core: Any, problem: CalibrationProblem, written: Written, names: dict[str, str]
) -> tuple[list[Any], list[Any]]:
    conditions, experiments = [], []
    for number, one in enumerate(problem.experiments):
        courses = courses_of(problem, one)
        plan = schedule(problem.model, one.protocol, one.setting, weight=one.weight)
        bounds = np.asarray(plan.boundaries)
        mine: dict[str, Any] = dict(one.parameters)
        mine |= {m.path: names[m.name] for m in problem.free.members
                 if m.experiment in (None, one.name)}  # fmt: skip
        changes = [(written.parameters[path], value) for path, value in mine.items()]
        changes += [(written.environment[key], float(course[0])) for key, course in courses.items()]
        periods, label = [], f"e{number}"
        ids = [(-math.inf, f"{label}_rest", changes)]
        for k in range(len(bounds) - 1):
            moved = [(written.environment[key], float(course[k])) for key, course in
                     courses.items() if k and course[k] != course[k - 1]]  # fmt: skip
            if k == 0 or moved:
                ids.append((float(bounds[k]), f"{label}_period_{k}" if moved else "", moved))
        for time, condition, changed in ids:
            if condition:
                conditions.append(core.Condition(
                    id=condition,
                    changes=[core.Change(target_id=a, target_value=b) for a, b in changed],
                ))  # fmt: skip
            periods.append(core.ExperimentPeriod(
                time=time, condition_ids=[condition] if condition else []
            ))  # fmt: skip
        experiments.append(core.Experiment(id=label, periods=periods))
    return conditions, experiments


def courses_of(problem: CalibrationProblem, one: Any) -> dict[str, np.ndarray]:
    """Environment values in declared units by segment, by name or `name[member]`."""
    plan = schedule(problem.model, one.protocol, one.setting, weight=one.weight)
    specs = {spec.name: spec for spec in problem.model.environment}
    found = {}
    for name, rows in plan.environment.items():
        spec = specs[name]
        inside = np.asarray(rows) / problem.model.system.factor(spec.unit)
        members = [f"{name}[{m}]" for m in spec.species] if spec.species else [name]
        columns = inside.reshape(len(inside), -1).T
        found |= dict(zip(members, columns, strict=True))
    return found


def _readings(
    core: Any, problem: CalibrationProblem, written: Written
) -> tuple[list[Any], list[Any]]:
    specs = problem.model.observables()
    observables: dict[str, Any] = {}
    measurements = []
    for number, one in enumerate(problem.experiments):
        for o in one.observations:
            if CENSOR_CODES[o.censor] == MASKED:
                continue
            row = o.row(specs[o.observable])
            kind = "log-normal" if row.is_log else "normal"
            sd = "sd_" + identifier(o.observable) + ("_log" if row.is_log else "")
            name = f"read_{identifier(o.observable)}" + ("_log" if row.is_log else "")
            observables.setdefault(name, core.Observable(
                id=name, formula=identifier(o.observable), noise_formula=sd,
                noise_distribution=kind, noise_placeholders=[sd],
            ))  # fmt: skip
            measurements.append(core.Measurement(
                observable_id=name, experiment_id=f"e{number}", time=o.time * written.day,
                measurement=float(row.value), noise_parameters=[float(row.sd)],
            ))  # fmt: skip
    return list(observables.values()), measurements


def _parameters(core: Any, problem: CalibrationProblem, names: dict[str, str]) -> list[Any]:
    found = []
    for member in problem.free.members:
        prior, (low, high) = member.prior, member.spec.bounds
        centre = math.log(prior.location) if prior.kind == "log-normal" else prior.location
        value = min(max(prior.location, low), high)
        found.append(core.Parameter(
            id=names[member.name], lb=low, ub=high, nominal_value=value, estimate=True,
            prior_distribution="log-normal" if prior.kind == "log-normal" else "normal",
            prior_parameters=[centre, prior.sd],
        ))  # fmt: skip
    return found
