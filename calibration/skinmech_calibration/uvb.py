"""Psoriasis patients under narrow-band UVB: each one's doses and weekly PASI as an experiment.

Source of the table: the NB-UVB cohort behind Shmarov et al. 2022: PASI every week, every dose in
J/cm2. Doses were given three times a week; the table numbers them without dates, so that they are
placed on days 0, 2 and 4 of each week, the PASI of a week before its first dose.

What the cohort tells about every patient enters as priors and as the spread of a grading. Only
the weeks 0 to 3 of the patients of whom no more is known (`"forecast"`) and the publication were
used for these numbers, so that a forecast of the others is not made with what it forecasts.
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

TYPICAL_PASI = 7.55
"""Median PASI before treatment."""
TYPICAL_FIRST_DOSE = 0.42
"""Median first exposure [J/cm2]. It is a share of the patient's erythema dose, and so tells how
sensitive the skin is: one who starts at half of it is taken to lose twice as much per fluence."""
EXTENT_SPREAD = 0.6
"""Spread of the logarithm of PASI before treatment, over patients."""
KILL_SPREAD = 0.67
"""Spread of the logarithm of the kill per fluence, over patients: sqrt(2 ln(mean/median)) of the
published fits, mean 0.294 and median 0.235 (Shmarov 2022)."""
GRADING_SPREAD = 0.57
"""Standard deviation of a grading over the root of PASI: pooled second differences over weeks."""
_LEAST_PASI = 0.4  # the smallest step of the table; a score of zero is not known exactly either
_DAYS = (0.0, 2.0, 4.0)


def grading_sd(pasi: Any) -> Any:
    """Standard deviation of a graded PASI; it grows with the root of the score.

    Args:
        pasi: Score, any shape.
    """
    return GRADING_SPREAD * np.sqrt(np.maximum(pasi, _LEAST_PASI))


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

    @property
    def days(self) -> np.ndarray:
        """Day of every exposure, three a week, shape (exposure,)."""
        index = np.arange(len(self.doses))
        return 7.0 * (index // len(_DAYS)) + np.asarray(_DAYS)[index % len(_DAYS)]

    def protocol(self, weeks: float) -> Protocol:
        """The exposures of the first weeks; a last day is added so that its PASI is inside."""
        days = 7.0 * weeks
        events = [
            Ultraviolet(float(dose), float(day))
            for dose, day in zip(self.doses, self.days, strict=True)
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
        Observation("pasi", 7.0 * week, float(value), float(grading_sd(value)))
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


def uvb_priors(model: SkinModel, first_dose: float) -> dict[str, Prior]:
    """What the cohort tells about a patient before any treatment, by path of the parameter.

    Args:
        model: Gives the kill per fluence of a typical patient and its bounds.
        first_dose: First exposure of the patient [J/cm2].
    """
    kill = model.specifications()["pigmentation.kill_efficacy"]
    typical = kill.value * TYPICAL_FIRST_DOSE / first_dose
    return {
        "clinic.psoriatic_extent": Prior("log-normal", TYPICAL_PASI / 72.0, EXTENT_SPREAD),
        kill.path: Prior("log-normal", float(np.clip(typical, *kill.bounds)), KILL_SPREAD),
    }


def uvb_problem(
    model: SkinModel, experiment: Experiment, free: tuple[str, ...] = PSORIASIS_FREE
) -> CalibrationProblem:
    """The problem of one patient, with the cohort's priors.

    Args:
        model: The model.
        experiment: From `uvb_patient`.
        free: Parameters to fit.
    """
    first = next((s.amount for s in experiment.protocol.steps() if s.kind == "light"), None)
    told = uvb_priors(model, TYPICAL_FIRST_DOSE if first is None else first)
    priors = {path: prior for path, prior in told.items() if path in free}
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
