"""One patient of a phototherapy cohort's table: PASI by week, and every exposure as a treatment."""

import dataclasses
from pathlib import Path

from .failures import Problems
from .runtime import set_up
from .study import ClinicRow, TreatmentLine

FORMAT = "uvb-cohort"
"""The table's name in a study file: columns patient_id, set, variable, week, value."""


@dataclasses.dataclass(frozen=True)
class Course:
    """What is known of one patient.

    Attributes:
        rows: PASI of every week graded.
        exposures: Every exposure, in order.
        first_dose: Fluence of the first one [J/cm2].
    """

    rows: tuple[ClinicRow, ...]
    exposures: tuple[TreatmentLine, ...]
    first_dose: float


def read_course(path: Path, subject: str, where: str, problems: Problems) -> Course | None:
    """The course of one patient; what is wrong is added to `problems`.

    Args:
        path: The cohort's table.
        subject: The patient's number in it, a pseudonym.
        where: File and place for messages.
        problems: Where problems are noted.
    """
    set_up()
    from skinmech_calibration import CalibrationError, grading_sd, uvb_patients

    try:
        patients = uvb_patients(path)
    except CalibrationError as error:
        problems.add("cohort_table", str(error), where=where, fix="name the cohort's table")
        return None
    if subject not in patients:
        problems.add("unknown_subject", "The table has no such subject with PASI and doses.",
                     where=f"{where}, subject", found=subject if subject.isdigit() else "",
                     expected=f"one of the {len(patients)} numbers of its column patient_id",
                     fix="correct subject")  # fmt: skip
        return None
    one = patients[subject]
    rows = tuple(
        ClinicRow(7.0 * float(week), "pasi", float(value), sd=float(grading_sd(value)))
        for week, value in zip(one.weeks, one.pasi, strict=True)
    )
    exposures = tuple(
        TreatmentLine(fluence=f"{dose:g} J/cm**2", start=float(day))
        for dose, day in zip(one.doses, one.days, strict=True)
    )
    return Course(rows, exposures, float(one.doses[0]))
