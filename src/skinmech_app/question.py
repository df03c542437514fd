"""The question file of `skinmech design`: what is to be known, and what could be done for it."""

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import bridge
from .failures import DATA, Problem, Problems, UserError
from .files import read_text
from .study import Donor, TreatmentLine
from .study_reader import Section

if TYPE_CHECKING:
    from skinmech.modelling.model import SkinModel
    from skinmech_calibration import Candidate, Experiment, Question

_DAYS = {"h": 1 / 24, "hours": 1 / 24, "day": 1.0, "days": 1.0, "week": 7.0, "weeks": 7.0}
AREA, VOLUME, FLOW = 0.33, 100.0, 1.0
"""Insert of a planned chip where none is stated: cm2, uL and uL/min, those of `on_chip`."""


@dataclasses.dataclass(frozen=True)
class Exposed:
    """A cytokine or drug given to a planned chip: value and unit, from a day on."""

    compound: str
    value: float
    unit: str
    day: float


@dataclasses.dataclass(frozen=True)
class Plan:
    """A candidate as the file has it.

    Attributes:
        name: Unique; also the chip's identifier.
        kind: `"chip"` or `"clinic"`.
        cost: In the file's currency.
        readouts: Observables to read.
        days: When.
        exposures: Of a chip.
        treatments: Of the clinic.
        nuisance: Study parameters of its own that are not known.
        most: How often it can be done.
        immune_cells: Of a chip, relative to living dermis.
    """

    name: str
    kind: str
    cost: float
    readouts: tuple[str, ...]
    days: tuple[float, ...]
    exposures: tuple[Exposed, ...] = ()
    treatments: tuple[TreatmentLine, ...] = ()
    nuisance: tuple[str, ...] = ()
    most: int = 1
    immune_cells: float = 0.0


@dataclasses.dataclass(frozen=True)
class Asked:
    """All of a question file."""

    path: Path
    parameter: str
    therapies: tuple[tuple[TreatmentLine, ...], ...]
    outcome: str
    week: float
    budget: float
    currency: str
    plans: tuple[Plan, ...]

    @property
    def words(self) -> str:
        """The question in words."""
        if self.parameter:
            return self.parameter
        named = [" + ".join(line.words for line in one) or "none" for one in self.therapies]
        return f"{' or '.join(named)} by {self.outcome} in week {self.week:g}"


def read_question(path: Path) -> Asked:
    """Read a question file.

    Raises:
        UserError: everything that is wrong, each with file, key, found, expected and fix.
    """
    text = read_text(path, "the question file")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(
            Problem("not_toml", "Unable to read the question file as TOML.", path.name,
                    fix="correct the syntax")
        ) from error  # fmt: skip
    problems = Problems()
    top = Section(data, "", path.name, problems)
    head = top.table("question")
    drugs = head.get("drugs", list, [], 'a list, such as ["dupilumab", "upadacitinib"]')
    therapies = tuple(_therapy(str(one)) for one in drugs)
    parameter = head.text("parameter")
    outcome, week = head.text("outcome", "easi"), head.number("week", 16.0, 0.1, 520.0)
    budget = head.number("budget", None, 0.0)
    if budget is None:
        head.missing("budget", "a number in the currency of the costs")
    if bool(parameter) == bool(therapies):
        head.missing("parameter", "either a parameter, or drugs = [two therapies]")
    elif therapies and len(therapies) != 2:
        head.wrong("drugs", drugs, "exactly two therapies")
    currency = head.text("currency", "")
    head.finish()
    plans = tuple(_plan(one, number) for number, one in enumerate(top.tables("candidate"), 1))
    if not plans:
        top.missing("candidate", "at least one [[candidate]]")
    top.finish()
    names = [one.name for one in plans]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.add("duplicate_name", f"Two candidates are named '{name}'.", where=path.name)
    problems.raise_if_any(DATA)
    return Asked(path, parameter, therapies, outcome, float(week), float(budget or 0.0), currency,
                 plans)  # fmt: skip


def _therapy(text: str) -> tuple[TreatmentLine, ...]:
    if text.strip().lower() == "none":
        return ()
    parts = [one.partition(":") for one in text.split(" + ")]
    return tuple(TreatmentLine(name.strip(), words.strip()) for name, _, words in parts)


def _plan(section: Section, number: int) -> Plan:
    name = section.code("name") or f"plan-{number}"
    kind = section.choice("kind", ("chip", "clinic"), "chip")
    readouts = tuple(map(str, section.get("readouts", list, [], "a list of observables")))
    if not readouts:
        section.missing("readouts", 'such as ["teer", "compartment_CCL17"]')
    days = [float(one) for one in section.get("days", list, [], "a list of days")]
    days += [7.0 * float(one) for one in section.get("weeks", list, [], "a list of weeks")]
    if not days or min(days) < 0:
        section.missing("days", "days or weeks from zero on, such as [2, 4, 6]")
    cost = section.number("cost", None, 1e-9)
    if cost is None:
        section.missing("cost", "a number in the currency of the budget")
    exposures = tuple(_exposed(one) for one in section.tables("exposure"))
    lines = section.data.get("treatment", [])
    section.used.add("treatment")
    treatments = tuple(line for text in lines for line in _therapy(str(text)))
    if exposures and kind == "clinic":
        section.wrong("exposure", [], "none in the clinic: use treatment = [drugs]")
    if treatments and kind == "chip":
        section.wrong("treatment", [], "none on a chip: use [[candidate.exposure]]")
    nuisance = tuple(map(str, section.get("nuisance", list, [], "a list of parameter paths")))
    most = int(section.number("most", 1, 1, 1000))
    cells = float(section.number("immune_cells", 0.0, 0.0, 10.0))
    section.finish()
    return Plan(name, kind, float(cost or 1.0), readouts, tuple(sorted(set(days))), exposures,
                treatments, nuisance, most, cells)  # fmt: skip


def _exposed(section: Section) -> Exposed:
    compound, text = section.text("compound"), section.text("concentration")
    day = section.quantity("at", _DAYS, "2 days", 0.0)
    found = re.fullmatch(r"([\d.]+(?:e-?\d+)?)\s*(\S+)", text.strip())
    if not compound:
        section.missing("compound", 'a cytokine or drug, such as "IL-13"')
    if found is None:
        section.missing("concentration", 'a value with its unit, such as "10 ng/mL"')
    section.finish()
    return Exposed(compound, float(found[1]) if found else 0.0, found[2] if found else "", day)


def question_of(asked: Asked, donor: Donor) -> "Question":
    """The question as the calibration takes it."""
    from skinmech_calibration import Question

    if asked.parameter:
        return Question(asked.words, asked.parameter)
    first, second = (
        _clinic(Plan("outcome", "clinic", 1.0, (asked.outcome,), (7.0 * asked.week,),
                     treatments=lines), donor)
        for lines in asked.therapies
    )  # fmt: skip
    return Question(asked.words, first=first, second=second)


def candidates_of(asked: Asked, donor: Donor, model: "SkinModel") -> "list[Candidate]":
    """Candidates as experiments; everything that is wrong in all of them at once.

    Raises:
        UserError: unknown observables, drugs or units.
        CalibrationError: what a chip's plan states does not fit.
    """
    from skinmech_calibration import Candidate

    for one in asked.plans:
        bridge.check_observables(model, one.readouts, f"{asked.path.name}, {one.name}, readouts")
    return [
        Candidate(_chip(one, model) if one.kind == "chip" else _clinic(one, donor), one.cost,
                  one.nuisance, one.most)
        for one in asked.plans
    ]  # fmt: skip


def _readings(plan: Plan) -> "tuple[Any, ...]":
    from skinmech_calibration import Observation

    return tuple(Observation(name, day, 1.0) for day in plan.days for name in plan.readouts)


def _clinic(plan: Plan, donor: Donor) -> "Experiment":
    import skinmech as sm
    from skinmech_calibration import Experiment

    days = max(plan.days) + 1e-3
    course = bridge.protocol(plan.treatments, days, donor, where=f"candidate '{plan.name}'")
    return Experiment(plan.name, sm.in_vivo(), course, _readings(plan), donor.disease,
                      weight=donor.weight)  # fmt: skip


def _chip(plan: Plan, model: "SkinModel") -> "Experiment":
    """The experiment that the chip lab's own side-car describes, read by the way of all chips."""
    import skinmech as sm
    from skinmech_calibration import Experiment, exposure_events
    from skinmech_chip_adapters.sidecar import Sidecar

    from .next_files import sidecar_text

    sidecar = Sidecar.from_text(sidecar_text([plan], "plan", ""))
    events = exposure_events(sidecar.exposures)
    setting = sm.on_chip(volume=VOLUME, flow=FLOW, area=AREA, immune_cells=plan.immune_cells)
    last = max(plan.days)
    kept = tuple(one for one in events if float(getattr(one, "at", 0.0)) < last)
    return Experiment(plan.name, setting, sm.Protocol(max(last, 1e-3), kept), _readings(plan))
