"""Psoriasis patients under narrow-band UVB: each one's doses and weekly PASI as an experiment.

Source of the table: the NB-UVB cohort behind Shmarov et al. 2022: PASI every week, every dose in
J/cm2. Doses were given three times a week; the table numbers them without dates, so that they are
placed on days 0, 2 and 4 of each week, the PASI of a week before its first dose.
"""

import csv
import dataclasses
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from skinmech.modelling.model import SkinModel
from skinmech.modelling.parameters import Prior
from skinmech.protocol import Protocol, Ultraviolet
from skinmech.settings import in_vivo

from .errors import CalibrationError
from .experiment import Experiment, Observation
from .names import nearest
from .problem import CalibrationProblem

PSORIASIS_FREE = (
    "clinic.psoriatic_extent",
    "pigmentation.kill_efficacy",
    "pigmentation.dermal_kill_share",
)
"""What differs most between patients under UVB: extent of disease, and how much light kills."""

COHORT_MEAN_PASI = 8.9
_DAYS = (0.0, 2.0, 4.0)


@dataclasses.dataclass(frozen=True)
class UvbPatient:
    """One patient of the table.

    Attributes:
        label: The table's number, a pseudonym.
        group: `"open"` (all weeks) or `"forecast"` (weeks 0 to 3 only).
        weeks: Weeks at which PASI was graded, ascending.
        pasi: PASI then.
        doses: Incident fluence of every exposure [J/cm2], in order.
    """

    label: str
    group: str
    weeks: np.ndarray
    pasi: np.ndarray
    doses: np.ndarray

    def protocol(self, weeks: float) -> Protocol:
        """The exposures of the first weeks; a last day is added so that its PASI is inside."""
        days = 7.0 * weeks
        events = [
            Ultraviolet(float(dose), 7.0 * (i // len(_DAYS)) + _DAYS[i % len(_DAYS)])
            for i, dose in enumerate(self.doses)
        ]
        return Protocol(days + 1.0, tuple(e for e in events if float(e.at) < days + 1e-9))


def uvb_patients(path: str | Path) -> dict[str, UvbPatient]:
    """Every patient of the table who has doses, by label.

    Raises:
        CalibrationError: the file is missing or lacks a column.
    """
    rows = _read(Path(path))
    found: dict[str, Any] = defaultdict(lambda: {"pasi": [], "doses": [], "group": ""})
    for row in rows:
        patient = found[row["patient_id"]]
        patient["group"] = row["set"]
        if row["variable"] == "PASI":
            patient["pasi"].append((float(row["week"]), float(row["value"])))
        elif row["variable"] == "UVB_dose":
            patient["doses"].append((float(row["week"]), float(row["value"])))
    out = {}
    for label, patient in found.items():
        if not patient["doses"] or not patient["pasi"]:
            continue
        pasi = np.array(sorted(patient["pasi"]))
        doses = np.array(sorted(patient["doses"]))[:, 1]
        out[label] = UvbPatient(label, patient["group"], pasi[:, 0], pasi[:, 1], doses)
    return out


def uvb_patient(path: str | Path, label: str | int, *, weeks: int = 3) -> Experiment:
    """The first weeks of one patient as an experiment on psoriatic skin in vivo.

    Args:
        path: The table.
        label: The patient's number in it.
        weeks: PASI of weeks 0 to this one are observations; exposures until then are given.

    Raises:
        CalibrationError: no such patient, or no PASI in these weeks.
    """
    patient = _find(uvb_patients(path), label)
    observations = tuple(
        Observation("pasi", 7.0 * week, float(value))
        for week, value in zip(patient.weeks, patient.pasi, strict=True)
        if week <= weeks
    )
    if not observations:
        raise CalibrationError(f"Patient {label} has no PASI in weeks 0 to {weeks}.")
    return Experiment(
        f"patient {patient.label}", in_vivo(), patient.protocol(weeks), observations,
        start="psoriatic",
    )  # fmt: skip


def remaining_weeks(
    path: str | Path, label: str | int, *, weeks: int = 3
) -> tuple[Protocol, np.ndarray, np.ndarray]:
    """What came after the weeks fitted, to compare a forecast with.

    Returns:
        The whole protocol with every dose, the days of later PASI, and their values (empty for
        patients of whom no more is known; the protocol then covers all their doses).
    """
    patient = _find(uvb_patients(path), label)
    later = patient.weeks > weeks
    known = patient.weeks[later]
    last = float(known[-1]) if len(known) else float(np.ceil(len(patient.doses) / len(_DAYS)))
    return patient.protocol(max(last, weeks)), 7.0 * known, patient.pasi[later]


def uvb_problem(
    model: SkinModel, experiment: Experiment, free: tuple[str, ...] = PSORIASIS_FREE
) -> CalibrationProblem:
    """The problem of one patient, with the extent's prior centred on the cohort's mean PASI."""
    priors = {}
    if "clinic.psoriatic_extent" in free:
        priors["clinic.psoriatic_extent"] = Prior("log-normal", COHORT_MEAN_PASI / 72.0, 0.6)
    return CalibrationProblem(model, [experiment], free, priors=priors)


def _find(patients: dict[str, UvbPatient], label: str | int) -> UvbPatient:
    if str(label) not in patients:
        raise CalibrationError(
            f"Unrecognized patient: '{label}', or one without doses.{nearest(str(label), patients)}"
        )
    return patients[str(label)]


def _read(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise CalibrationError(f"Unable to read {path.name}: {error.strerror}.") from error
    wanted = ("patient_id", "set", "variable", "week", "value")
    missing = [column for column in wanted if not rows or column not in rows[0]]
    if missing:
        raise CalibrationError(f"{path.name}: unable to find the columns {', '.join(missing)}.")
    return rows
