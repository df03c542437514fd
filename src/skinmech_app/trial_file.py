"""The file of `skinmech trial simulate`: the design of a trial."""

import dataclasses
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from .failures import DATA, Problem, Problems, UserError
from .files import read_text
from .study_reader import Section

if TYPE_CHECKING:
    from skinmech_calibration.trial.virtual import Rescue, Stratum, TrialArm, TrialDesign

_WEEKS = {"week": 1.0, "weeks": 1.0}
_KILOGRAMS = {"kg": 1.0}


@dataclasses.dataclass(frozen=True)
class AskedTrial:
    """All of a trial file.

    Attributes:
        trial_id: Short code.
        design: The design.
        sizes: Patients in all arms together, for the power curve; empty: none.
        trials: How often a trial is simulated.
        seed: Of all draws.
    """

    trial_id: str
    design: "TrialDesign"
    sizes: tuple[int, ...]
    trials: int
    seed: int


def read_trial(path: Path) -> AskedTrial:
    """Read a trial file.

    Raises:
        UserError: everything that is wrong in its form.
        CalibrationError: everything in the design that cannot be carried out.
    """
    text = read_text(path, "the trial file")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(
            Problem("not_toml", "Unable to read the trial file as TOML.", path.name,
                    fix="correct the syntax")
        ) from error  # fmt: skip
    problems = Problems()
    top = Section(data, "", path.name, problems)
    head = top.table("trial")
    trial_id = head.code("id")
    if not trial_id and "id" not in head.data:
        head.missing("id", 'a short code, such as "AD-P3"')
    disease = head.text("disease")
    visits = _numbers(head, "visits", "weeks, such as [4, 8, 12, 16]")
    size = int(head.number("patients", 0, 2, 1e6))
    endpoint = head.text("endpoint")
    for key, value in (("disease", disease), ("patients", size), ("endpoint", endpoint)):
        if not value and key not in head.data:
            head.missing(key, "a value, see docs/cohorts.md")
    week = float(head.number("week", visits[-1] if visits else 0.0, 0.0, 1000.0))
    background = head.text("background", "mono")
    block = int(head.number("block", 4, 1, 1000))
    dropout = head.number("dropout", None, 0.0, 1.0)
    imputation = head.text("imputation", "non-responder")
    alpha = float(head.number("alpha", 0.05, 1e-6, 0.5))
    sizes = tuple(int(one) for one in _numbers(head, "sizes", "patients, such as [100, 200]"))
    trials, seed = int(head.number("trials", 400, 20, 1e5)), int(head.number("seed", 0, 0, 2**31))
    head.finish()
    rescue = _rescue(top.table("rescue")) if "rescue" in data else None
    arms = [_arm(one, disease, background) for one in top.tables("arm")]
    strata = tuple(_stratum(one) for one in top.tables("stratum"))
    top.finish()
    problems.raise_if_any(DATA)
    from skinmech_calibration.trial.virtual import Stratum, TrialDesign

    built = tuple(make() for make in arms)
    design = TrialDesign(
        _disease(disease), built, tuple(visits), size, endpoint, week,
        strata or (Stratum("all"),), block, dropout, rescue, imputation, alpha,
    )  # fmt: skip
    return AskedTrial(trial_id, design, sizes, trials, seed)


def _disease(name: str):
    from skinmech_calibration.trial.arms import disease_of

    return disease_of(name)


def _numbers(section: Section, key: str, expected: str) -> list[float]:
    values = section.get(key, list, [], expected)
    if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in values):
        section.wrong(key, [], expected)
        return []
    return [float(one) for one in values]


def _arm(section: Section, disease: str, background: str):
    """How to build an arm, once the whole file is known to be sound."""
    name, drug = section.text("name"), section.text("drug", "placebo")
    dose, regimen = section.text("dose"), section.text("regimen")
    ratio = int(section.number("ratio", 1, 1, 20))
    weight = section.quantity("weight", _KILOGRAMS, "76 kg", None)
    beside = section.text("background", background)
    if not name:
        section.missing("name", 'such as name = "placebo"')
    section.finish()

    def make() -> "TrialArm":
        from skinmech_calibration.trial.arms import arm_of
        from skinmech_calibration.trial.virtual import TrialArm

        arm = arm_of(_disease(disease), drug, dose, regimen, beside)
        if weight is not None:
            arm = dataclasses.replace(arm, weight=weight)
        return TrialArm(name, arm, ratio)

    return make


def _stratum(section: Section) -> "Stratum":
    from skinmech_calibration.trial.virtual import Stratum

    name, share = section.text("name"), section.number("share", 1.0, 0.0, 1.0)
    weight = section.quantity("weight", _KILOGRAMS, "70 kg", None)
    if not name:
        section.missing("name", 'such as name = "below 80 kg"')
    section.finish()
    return Stratum(name, float(share), weight)


def _rescue(section: Section) -> "Rescue":
    from skinmech_calibration.trial.virtual import Rescue

    above = float(section.number("above", 1.0, 0.0, 100.0))
    after = section.quantity("after", _WEEKS, "2 weeks", 2.0)
    chance = float(section.number("chance", 0.5, 0.0, 1.0))
    section.finish()
    return Rescue(above, after, chance)
