"""From a study file to a calibration problem: experiments on chip and in the clinic."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import bridge
from .failures import DATA, Problem, Problems, UserError, describe, nearest
from .study import ChipData, Clinic, ClinicRow, Donor, Study, TreatmentLine

if TYPE_CHECKING:
    from skinmech.modelling.model import SkinModel
    from skinmech.modelling.parameters import Prior
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
    return CalibrationProblem(
        model, experiments_of(study, model), names, base_parameters(study),
        priors=priors_of(study, model, names),
    )  # fmt: skip


def priors_of(study: Study, model: "SkinModel", free: Sequence[str]) -> "dict[str, Prior]":
    """Priors that replace the declared ones: those of a cohort, then those of the file.

    Raises:
        UserError: a prior of a parameter that is not free; all are listed.
    """
    from skinmech.modelling.parameters import Prior
    from skinmech_calibration import uvb_priors

    found: dict[str, Prior] = {}
    for clinic in study.clinics:
        if clinic.first_dose is not None:
            found |= uvb_priors(model, clinic.first_dose)
    found = {k: one for k, one in found.items() if k in free and k not in study.parameters}
    problems, specs = Problems(), model.specifications()
    for name, (centre, spread) in study.priors.items():
        spec = specs.get(name.rpartition(":")[2])
        if name not in free:
            problems.add("prior_not_free", "A prior belongs to a parameter that is not free.",
                         where=f"{study.path.name}, [priors]", found=name,
                         expected=nearest(name, free),
                         fix="add it to [fit] free, or remove the prior")  # fmt: skip
        elif spec is not None and spec.prior.kind == "log-normal" and centre <= 0:
            problems.add("prior_centre", "This parameter is positive, its prior's centre is not.",
                         where=f"{study.path.name}, [priors] {name}", found=f"{centre:g}",
                         expected="a centre above zero", fix="correct the centre")  # fmt: skip
        elif spec is not None:
            found[name] = Prior(spec.prior.kind, centre, spread)
    problems.raise_if_any(DATA)
    return found


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
        melanocytes=data.melanocytes, spectra=data.spectra,
    )  # fmt: skip
    if not data.observe:
        return experiment
    kept = tuple(one for one in experiment.observations if one.observable in data.observe)
    return dataclasses.replace(experiment, observations=kept)


def treatments_of(clinic: Clinic, study: Study) -> tuple[TreatmentLine, ...]:
    """What the donor got: the table's own treatments, else those of the study."""
    return clinic.treatments or study.treatments


def _clinic(clinic: Clinic, study: Study, model: "SkinModel") -> "Experiment":
    return clinic_experiment(
        clinic.name, clinic.rows, treatments_of(clinic, study), study.donor, model,
        f"{study.path.name}, [[clinic]] {clinic.name}",
    )  # fmt: skip


def clinic_experiment(
    name: str, rows: Sequence[ClinicRow], treatments: Sequence[TreatmentLine], donor: Donor,
    model: "SkinModel", where: str,
) -> "Experiment":  # fmt: skip
    """Clinical values of one course as an experiment.

    Args:
        name: Of the experiment.
        rows: Values.
        treatments: What was given.
        donor: Whom.
        model: The model.
        where: File and table, for messages.

    Raises:
        UserError: no values, unknown observables, drugs or units; all are listed.
    """
    import skinmech as sm
    from skinmech_calibration import Experiment, Observation

    if not rows:
        raise UserError(
            Problem("no_data", "The clinical table holds no values.", where,
                    fix="add rows, or take the table out")
        )  # fmt: skip
    bridge.check_observables(model, dict.fromkeys(r.observable for r in rows), where)
    problems = Problems()
    observations = []
    for row in rows:
        try:
            value = bridge.to_unit(row.value, row.unit, row.observable, model)
            sd = None if row.sd is None else bridge.to_unit(row.sd, row.unit, row.observable, model)
        except ValueError as error:
            problems.add("unit", str(error), where=f"{where}, day {row.day:g}",
                         fix="write the value's unit, or none for the model's own")  # fmt: skip
            continue
        observations.append(Observation(row.observable, row.day, value, sd, label=row.source))
    problems.raise_if_any(DATA)
    days = max(row.day for row in rows) + 1e-3
    plan = bridge.protocol(treatments, days, donor, where=where)
    return Experiment(
        name, sm.in_vivo(), plan, tuple(observations), donor.disease, weight=donor.weight
    )
