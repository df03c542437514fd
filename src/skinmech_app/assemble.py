"""From a study file to a calibration problem: experiments on chip and in the clinic."""

import dataclasses
from typing import TYPE_CHECKING, Any

from . import bridge
from .failures import DATA, Problem, Problems, UserError, describe
from .study import ChipData, Clinic, Study, TreatmentLine

if TYPE_CHECKING:
    from skinmech.modelling.model import SkinModel
    from skinmech_calibration import CalibrationProblem, Experiment


def base_parameters(study: Study) -> dict[str, float]:
    """Values that differ from the defaults: the donor's preset and covariates, then the file's."""
    return bridge.donor_parameters(study.donor) | study.parameters


def problem_of(
    study: Study, model: "SkinModel", free: tuple[str, ...] = ()
) -> "CalibrationProblem":
    """The calibration problem of a study.

    Args:
        study: The study.
        model: The model.
        free: Free parameters instead of those of the file.

    Raises:
        UserError: no data or no free parameters.
        CalibrationError, ChipDataError: what does not make sense, every problem listed.
    """
    from skinmech_calibration import CalibrationProblem

    names = free or study.fit.free
    problems = Problems()
    if not names:
        problems.add("nothing_free", "No parameter is free.", where=f"{study.path.name}, [fit]",
                     fix='add [fit] with free = ["immunity.Th2_rate"]')  # fmt: skip
    if not study.clinics and not study.chips:
        problems.add("no_data", "The study holds no data to fit.", where=study.path.name,
                     expected="at least one [[clinic]] or [[chip]]",
                     fix="name a clinical table or a chip record")  # fmt: skip
    problems.raise_if_any(DATA)
    return CalibrationProblem(model, experiments_of(study, model), names, base_parameters(study))


def experiments_of(study: Study, model: "SkinModel") -> "list[Experiment]":
    """Every experiment of a study.

    Raises:
        UserError: everything that is wrong in all of them, at once.
    """
    found: list[Any] = []
    wrong: list[Problem] = []
    for one in (*study.chips, *study.clinics):
        try:
            if isinstance(one, ChipData):
                found.append(_chip(one, model))
            else:
                found.append(_clinic(one, study, model))
        except ValueError as error:
            described = describe(error)
            if described is None:
                raise
            wrong += described[0]
    if wrong:
        raise UserError(wrong)
    return found


def _chip(data: ChipData, model: "SkinModel") -> "Experiment":
    from skinmech_calibration import from_record
    from skinmech_chip_adapters import load

    bridge.check_observables(model, data.observe, f"[[chip]] {data.chip}, observe")
    experiment = from_record(
        load(data.record), data.chip, model, volume=data.volume or None, flow=data.flow or None,
        area=data.area or None, collection=data.collection, immune_cells=data.immune_cells,
        melanocytes=data.melanocytes,
    )  # fmt: skip
    if not data.observe:
        return experiment
    kept = tuple(one for one in experiment.observations if one.observable in data.observe)
    return dataclasses.replace(experiment, observations=kept)


def treatments_of(clinic: Clinic, study: Study) -> tuple[TreatmentLine, ...]:
    """What the donor got: the table's own treatments, else those of the study."""
    return clinic.treatments or study.treatments


def _clinic(clinic: Clinic, study: Study, model: "SkinModel") -> "Experiment":
    import skinmech as sm
    from skinmech_calibration import Experiment, Observation

    where = f"{study.path.name}, [[clinic]] {clinic.name}"
    if not clinic.rows:
        raise UserError(
            Problem("no_data", "The clinical table holds no values.", where,
                    fix="add rows, or take the table out")
        )  # fmt: skip
    bridge.check_observables(model, dict.fromkeys(r.observable for r in clinic.rows), where)
    problems = Problems()
    observations = []
    for row in clinic.rows:
        try:
            value = bridge.to_unit(row.value, row.unit, row.observable, model)
            sd = None if row.sd is None else bridge.to_unit(row.sd, row.unit, row.observable, model)
        except ValueError as error:
            problems.add("unit", str(error), where=f"{where}, day {row.day:g}",
                         fix="write the value's unit, or none for the model's own")  # fmt: skip
            continue
        observations.append(Observation(row.observable, row.day, value, sd, label=row.source))
    problems.raise_if_any(DATA)
    days = max(row.day for row in clinic.rows) + 1e-3
    plan = bridge.protocol(treatments_of(clinic, study), days, study.donor, where=where)
    return Experiment(
        clinic.name, sm.in_vivo(), plan, tuple(observations), study.donor.disease,
        weight=study.donor.weight,
    )  # fmt: skip
