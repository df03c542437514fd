"""The file of `skinmech cohort`: who the virtual patients are, and what they get."""

import csv
import dataclasses
import io
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import bridge
from .failures import DATA, USAGE, Problem, Problems, UserError, safe
from .files import read_text
from .identity import CODE, is_identity
from .study import Donor, Study, TreatmentLine
from .study_reader import Section, StudyReader

if TYPE_CHECKING:
    from skinmech.cohorts import GivenPatients, PatientSolver
    from skinmech_calibration.cohorts import CohortPlan

SHOWN = ("tewl", "epidermal_thickness", "easi", "itch_nrs", "pasi")
WEIGHT = (75.0, 0.2, 30.0, 200.0)
"""Body weight where the file states none: median [kg], spread of its logarithm, limits. Assumed,
about adults in trials."""
TOLERANCE, FIRST = 1e-3, 0.2
"""Relative tolerance of a step, and length of the first one after a dose. What a patient shows
then differs by less than 2e-4 from the exact course, a drug's concentration by 2e-3
(tests/app/test_cohort.py), far less than patients differ, in a third of the usual steps."""
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_WEEKS = {"day": 1 / 7, "days": 1 / 7, "week": 1.0, "weeks": 1.0}


@dataclasses.dataclass(frozen=True)
class Planned:
    """A protocol of the file."""

    name: str
    treatments: tuple[TreatmentLine, ...]
    weeks: float


@dataclasses.dataclass(frozen=True)
class Asked:
    """All of a cohort file.

    Attributes:
        path: The file.
        cohort_id: Short code.
        count: Patients to draw; 0 where a table has them.
        seed: Of the draws.
        donor: Disease and covariates that all share.
        parameters: Centres, or shared values, other than the defaults.
        priors: Centre and spread other than the declared ones.
        vary: Parameters that vary; None: all of scope donor.
        weight: Median [kg] and spread of its logarithm; None: as `WEIGHT`.
        table: Patients of a CSV file.
        protocols: What each of them gets.
        every: Weeks between reported times.
        observe: Observables to keep.
    """

    path: Path
    cohort_id: str
    count: int
    seed: int
    donor: Donor
    parameters: dict[str, float]
    priors: dict[str, tuple[float, float]]
    vary: tuple[str, ...] | None
    weight: tuple[float, float] | None
    table: Path | None
    protocols: tuple[Planned, ...]
    every: float
    observe: tuple[str, ...]


def read_cohort(path: Path, patients: int | None, seed: int | None) -> Asked:
    """Read a cohort file, or a study file as one.

    Args:
        path: With a table [cohort], or a study file: then its donor is the centre, its treatments
            and forecasts are the protocols.
        patients: Instead of the file's number.
        seed: Instead of the file's.

    Raises:
        UserError: everything that is wrong, each with file, key, found, expected and fix.
    """
    text = read_text(path, "the cohort file")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(
            Problem("not_toml", "Unable to read the cohort file as TOML.", path.name,
                    fix="correct the syntax")
        ) from error  # fmt: skip
    if "cohort" not in data and "study" in data:
        return _of_study(path, patients, seed or 0)
    found = CohortReader(data, path).cohort()
    changes: dict[str, Any] = {}
    if patients is not None:
        if found.table is not None:
            raise UserError(
                Problem("bad_option", "The file's table says who the patients are.", "--patients",
                        fix="leave --patients away"), USAGE
            )  # fmt: skip
        changes["count"] = patients
    if seed is not None:
        changes["seed"] = seed
    return dataclasses.replace(found, **changes)


def _of_study(path: Path, patients: int | None, seed: int) -> Asked:
    from .study import load

    study: Study = load(path)
    if patients is None:
        raise UserError(
            Problem("bad_option", "A study file does not say how many patients to draw.",
                    "--patients", expected="--patients COUNT, or a file with [cohort]"), USAGE
        )  # fmt: skip
    lines = [Planned("no treatment", (), 16.0)]
    if study.treatments:
        words = ", ".join(line.words for line in study.treatments)
        lines.append(Planned(_plain_name(words), study.treatments, 16.0))
    lines += [Planned(_plain_name(f.name), f.treatments, f.weeks) for f in study.forecasts]
    return Asked(path, study.study_id, patients, seed, study.donor, study.parameters, study.priors,
                 None, None, None, _unique(lines), 1.0, SHOWN)  # fmt: skip


def _unique(lines: Sequence[Planned]) -> tuple[Planned, ...]:
    found: dict[str, Planned] = {}
    for line in lines:
        found.setdefault(line.name, line)
    return tuple(found.values())


def _plain_name(words: str) -> str:
    return re.sub(r"[^\w\-+., :()%]", " ", words)[:80].strip()


class CohortReader(StudyReader):
    """Reads the tables of a cohort file; every problem is noted."""

    def cohort(self) -> Asked:
        """All of the file.

        Raises:
            UserError: everything that is wrong.
        """
        head = self.top.table("cohort")
        cohort_id = head.code("id")
        if not cohort_id and "id" not in head.data:
            head.missing("id", 'a short code, such as "AD-10000"')
        count, file = int(head.number("patients", 0, 1, 1e9)), head.text("file")
        if bool(count) == bool(file):
            head.missing("patients", 'either patients = 1000, or file = "patients.csv"')
        vary = head.get("vary", list, None, "a list of parameter paths")
        weight = self._weight(head.table("weight") if "weight" in head.data else None)
        seed = int(head.number("seed", 0, 0, 2**32 - 1))
        weeks = head.quantity("weeks", {"week": 1.0, "weeks": 1.0}, "16 weeks", 16.0)
        every = head.quantity("every", _WEEKS, "1 week", 1.0)
        observe = tuple(map(str, head.get("observe", list, list(SHOWN), "a list of observables")))
        if every <= 0 or weeks <= 0:
            head.wrong("every", [], "weeks and every above zero")
            every = weeks = 1.0
        head.finish()
        donor, parameters, priors = self._donor(), self._parameters(), self._priors()
        protocols = tuple(self._protocol(one, weeks) for one in self.top.tables("protocol"))
        if not protocols:
            self.top.missing("protocol", 'at least one [[protocol]] with name = "…"')
        self.top.finish()
        names = [one.name for one in protocols]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problems.add("duplicate_name", f"Two protocols are named '{name}'.",
                              where=self.path.name, fix="give each its own name")  # fmt: skip
        self.problems.raise_if_any(DATA)
        table = self.path.parent / file if file else None
        chosen = None if vary is None else tuple(map(str, vary))
        return Asked(self.path, cohort_id, count, seed, donor, parameters, priors, chosen, weight,
                     table, protocols, every, observe)  # fmt: skip

    def _weight(self, section: Section | None) -> tuple[float, float] | None:
        if section is None:
            return None
        section.place = "[cohort] weight"
        centre = section.number("centre", WEIGHT[0], WEIGHT[2], WEIGHT[3])
        spread = section.number("spread", WEIGHT[1], 0.0, 1.0)
        section.finish()
        return float(centre), float(spread)

    def _protocol(self, section: Section, weeks: float) -> Planned:
        lines = self._treatments(section)
        name = section.text("name") or ", ".join(line.words for line in lines) or "no treatment"
        if _plain_name(name) != name:
            section.wrong("name", name, "letters, digits, spaces and -+_.,:()%, at most 80")
        length = section.quantity("weeks", {"week": 1.0, "weeks": 1.0}, "16 weeks", weeks)
        section.finish()
        return Planned(name, lines, length)


@dataclasses.dataclass(frozen=True)
class CoupledPatients:
    """Builds the solver of the coupled model in whatever process it is called.

    Attributes:
        corneum: Depth cells of the corneum.
        epidermis: Depth cells of the living epidermis.
        disease: Whose attractor the steady states are searched near.
        observe: Observables to report.
    """

    corneum: int
    epidermis: int
    disease: str
    observe: tuple[str, ...]

    def __call__(self) -> "PatientSolver":
        from .runtime import set_up

        set_up()
        import skinmech as sm
        from skinmech.cohorts import ModelSolver

        model = sm.skin_model(corneum_cells=self.corneum, epidermis_cells=self.epidermis)
        engine = sm.simulator(model, rtol=TOLERANCE, atol=TOLERANCE / 100, first=FIRST)
        guess = None if self.disease == "healthy" else sm.attractor(engine, self.disease)
        return ModelSolver(engine, self.observe, guess)


def plan_of(asked: Asked) -> "CohortPlan":
    """The cohort as it can be run; drugs, parameters and observables are looked up.

    Raises:
        UserError: unknown observables, drugs or columns; all of a kind are listed.
        ParameterError: unknown parameters, or values outside their bounds.
    """
    import numpy as np

    from .runtime import grid, model, versions

    skin = model()
    from skinmech.cohorts import DrawnPatients, Therapy, Varied, varied
    from skinmech_calibration.cohorts import CohortPlan

    bridge.check_observables(skin, asked.observe, f"{asked.path.name}, observe")
    therapies = []
    for one in asked.protocols:
        days = 7.0 * one.weeks
        course = bridge.protocol(one.treatments, days, asked.donor, where=one.name)
        steps = int(one.weeks / asked.every + 1e-9)
        times = np.minimum(7.0 * asked.every * np.arange(steps + 1), days)
        therapies.append(Therapy(one.name, course, tuple(map(float, times))))
    given = bridge.donor_parameters(asked.donor) | asked.parameters
    given = bridge.checked_parameters(skin, given)
    if asked.table is not None:
        patients: Any = read_patients(asked.table, given, asked.donor.weight)
    else:
        centres = given | {path: centre for path, (centre, _) in asked.priors.items()}
        spreads = {path: spread for path, (_, spread) in asked.priors.items()}
        changing = varied(skin.specifications(), asked.vary, centres, spreads)
        fixed = {k: v for k, v in given.items() if k not in {one.path for one in changing}}
        weight: Any = asked.donor.weight
        if weight is None:
            centre, spread = asked.weight or WEIGHT[:2]
            weight = (
                Varied("weight", "log-normal", centre, spread, *WEIGHT[2:]) if spread else centre
            )
        patients = DrawnPatients(asked.count, asked.seed, changing, fixed, weight)
    about = {"cohort": asked.cohort_id, "disease": asked.donor.disease, "versions": versions(),
             "note": "Simulated. Research use only; not a medical device."}  # fmt: skip
    maker = CoupledPatients(*grid(), asked.donor.disease, asked.observe)
    return CohortPlan(patients, tuple(therapies), maker, about)


def read_patients(path: Path, shared: dict[str, float], weight: float | None) -> "GivenPatients":
    """Patients of a CSV table: columns code, weight (kg), and parameter paths.

    Args:
        path: The table.
        shared: Parameters of all, where the table states none.
        weight: Body weight [kg] where the table states none.

    Raises:
        UserError: columns that identify somebody, or cells that are no numbers; all are listed.
    """
    from skinmech.cohorts import GivenPatients

    problems = Problems()
    rows = list(csv.reader(io.StringIO(read_text(path, "the table of patients"))))
    header = [cell.strip() for cell in rows[0]] if rows else []
    for name in header:
        if is_identity(name):
            problems.add("identity_refused", f"The column '{name}' would identify a person.",
                         where=path.name, fix="use a column code with pseudonyms")  # fmt: skip
        elif name not in ("code", "weight") and "." not in name:
            problems.add("unknown_column", f"Unrecognized column: {safe(name)}.", where=path.name,
                         expected="code, weight, or a path such as immunity.Th2_rate")  # fmt: skip
    if len(rows) < 2:
        problems.add("empty_table", "The table of patients holds no rows.", where=path.name)
    problems.raise_if_any(DATA)
    codes: list[str] = []
    weights: list[float | None] = []
    parameters: list[dict[str, float]] = []
    for number, cells in enumerate(rows[1:], 2):
        where = f"{path.name}, line {number}"
        if len(cells) != len(header):
            problems.add("cut_row", "A row has another number of cells than the header.",
                         where=where, found=f"{len(cells)}", expected=f"{len(header)}")  # fmt: skip
            continue
        line = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        code = line.pop("code", "")
        if code and not CODE.fullmatch(code):
            problems.add("not_a_code", "Only a code is accepted here, never a name.", where=where,
                         fix='use a pseudonym, such as "P07"')  # fmt: skip
        numbers: dict[str, float] = {}
        for name, cell in line.items():
            if cell and _NUMBER.fullmatch(cell):
                numbers[name] = float(cell)
            elif cell:
                problems.add("not_a_number", "Expected a plain number.", where=f"{where}, {name}",
                             found=safe(cell))  # fmt: skip
        codes.append(code)
        weights.append(numbers.pop("weight", weight))
        parameters.append(shared | numbers)
    problems.raise_if_any(DATA)
    return GivenPatients(tuple(parameters), tuple(weights), tuple(codes) if any(codes) else ())
