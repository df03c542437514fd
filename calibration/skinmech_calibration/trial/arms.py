"""Arms of trials: tables of them, what the words in them mean, and their engagement as arrays."""

import csv
import dataclasses
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skinmech.therapies import Drug, load_drug
from skinmech.therapies.drug import plain_name
from skinmech.therapies.errors import RegimenError, UnknownDrugError
from skinmech.therapies.regimen import Regimen

from ..errors import CalibrationError, raise_all
from ..names import nearest
from .diseases import DISEASES, Disease
from .exposure import engagement
from .regimens import regimen_of

COLUMNS = ("study", "disease", "drug", "dose", "regimen", "background", "week", "endpoint", "n")
_SAME = {"n": ("arm_n",), "baseline": (), "value": ()}
_NO_DRUG = ("placebo", "vehicle", "notreatment", "vehiclecream", "none")
_WEIGHTS = {"6-11": 30.0, "12-17": 62.0, "peds": 30.0, "adol": 62.0, "children": 30.0}
"""Mean body weights [kg] of age groups that a study's name or baseline tells; assumed."""


@dataclasses.dataclass(frozen=True)
class Arm:
    """What was done to the patients of an arm.

    Attributes:
        disease: The disease.
        drug: The drug, or None for placebo and vehicle.
        regimen: How it is given.
        has_topicals: Whether topical steroids are allowed beside it.
        weight: Mean body weight [kg].
    """

    disease: Disease
    drug: Drug | None
    regimen: Regimen | None
    has_topicals: bool
    weight: float

    @property
    def key(self) -> tuple[str, str, str, bool, float]:
        """The same for arms that are treated alike."""
        name = self.drug.name if self.drug else ""
        words = self.regimen.text if self.regimen else ""
        return self.disease.name, name, words, self.has_topicals, self.weight


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of a table of arms.

    Attributes:
        given: The line as read, by column.
        arm: What it says was done.
        endpoint: Canonical name.
        week: Week of the endpoint.
        count: Patients in the arm, nan where it does not say.
        value: Observed value in per cent; nan where there is none.
    """

    given: dict[str, str]
    arm: Arm
    endpoint: str
    week: float
    count: float
    value: float


def read_arms(path: str | Path, keep: Callable[[dict[str, str]], bool] | None = None) -> list[Row]:
    """Read a table of arms and check every line.

    Args:
        path: A CSV with the columns `COLUMNS`; more columns are kept as they are.
        keep: Which lines to read; default all.

    Raises:
        CalibrationError: a missing column, or lines that cannot be understood: all are listed with
            the nearest known names.
    """
    path = Path(path)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            lines = [dict(line) for line in reader]
            names = reader.fieldnames or []
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"Unable to read {path.name}: {error}.") from error
    missing = [c for c in COLUMNS if c not in names and not any(s in names for s in _same(c))]
    if missing:
        raise CalibrationError(
            f"{path.name}, header: missing columns {', '.join(missing)}. Expected "
            f"{', '.join(COLUMNS)}; found {', '.join(names) or 'none'}."
        )
    rows, problems = [], []
    for number, line in enumerate(lines, start=2):
        if keep is not None and not keep(line):
            continue
        found, wrong = _row(line)
        rows += [found] if found is not None else []
        problems += [f"{path.name}, line {number}: {one}" for one in wrong]
    raise_all(problems)
    return rows


def _same(column: str) -> tuple[str, ...]:
    return _SAME.get(column, ())


def _row(line: dict[str, str]) -> tuple[Row | None, list[str]]:
    """A line understood, or everything that is wrong with it."""
    problems: list[str] = []

    def read(call: Callable[..., Any], *given: Any) -> Any:
        try:
            return call(*given)
        except (CalibrationError, RegimenError, UnknownDrugError) as error:
            problems.append(str(error))
            return None

    def number(text: str, column: str, least: float = -math.inf) -> float:
        return read(_number, text, column, least) if text.strip() else math.nan

    disease = read(disease_of, line.get("disease", ""))
    arm = endpoint = None
    if disease is not None:
        arm = read(
            arm_of, disease, line.get("drug", ""), line.get("dose", ""), line.get("regimen", ""),
            line.get("background", ""), f"{line.get('study', '')} {line.get('baseline', '')}",
        )  # fmt: skip
        endpoint = read(_endpoint, line.get("endpoint", ""), disease)
    week = read(_number, line.get("week", ""), "week", 0.0)
    count = number(line.get("n") or line.get("arm_n") or "", "n", 1.0)
    value = number(line.get("value") or "", "value")
    if problems or arm is None or endpoint is None:
        return None, problems
    return Row(line, arm, endpoint, week, count, value), problems


def arm_of(
    disease: Disease, drug: str, dose: str, regimen: str, background: str, context: str = ""
) -> Arm:
    """An arm from the words of a table.

    Args:
        disease: The disease.
        drug: Name; placebo and vehicle are no drug.
        dose: For example `"300 mg"`.
        regimen: For example `"q2w"`, or a sentence.
        background: `"mono"`, or what is allowed beside it, e.g. `"+TCS"`.
        context: Where a mention of the age group is looked for.

    Raises:
        UnknownDrugError: no such drug; the nearest are named.
        RegimenError: the regimen is not understood.
    """
    weight = disease.weight
    for mark, kilograms in _WEIGHTS.items():
        if mark in context.lower():
            weight = kilograms
    has_topicals = background.strip().startswith("+")
    if any(plain_name(drug).startswith(name) for name in _NO_DRUG):
        return Arm(disease, None, None, has_topicals, weight)
    found = load_drug(_bare(drug))
    return Arm(disease, found, regimen_of(found, dose, regimen), has_topicals, weight)


def _bare(drug: str) -> str:
    """A drug's name without strength and form, where that is what the catalogue knows."""
    try:
        load_drug(drug)
    except UnknownDrugError:
        bare = re.sub(r"\d[\d.]*\s*%|\b(cream|ointment|gel|foam|tablets?)\b", " ", drug).strip()
        if bare and bare != drug:
            return re.sub(r"\s+", " ", bare)
    return drug


def disease_of(name: str) -> Disease:
    """A disease by its name or an alias.

    Raises:
        CalibrationError: none of that name; the known ones are listed.
    """
    for one in DISEASES:
        if plain_name(name) in map(plain_name, (one.name, *one.aliases)):
            return one
    known = [one.name for one in DISEASES]
    raise CalibrationError(
        f"unknown disease '{name}'. Expected one of {', '.join(known)}.{nearest(name, known)}"
    )


def _endpoint(name: str, disease: Disease) -> str:
    words = plain_name(name.replace("%", "pct").replace("/", ""))
    words = words.replace("percent", "pct").replace("pctchangefrombaseline", "pctchange")
    for known in disease.endpoints:
        if words == plain_name(known):
            return known
    known = list(disease.endpoints)
    raise CalibrationError(
        f"unknown endpoint '{name}' of {disease.name}. Expected one of {', '.join(known)}."
        f"{nearest(name, known)}"
    )


def _number(text: str, column: str, least: float = -math.inf) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= least):
        expected = "a number" if least == -math.inf else f"a number of at least {least:g}"
        raise CalibrationError(f"column {column}: expected {expected}, found '{text}'.")
    return value


def arrays_of(arms: Sequence[Arm], days: int) -> dict[str, Any]:
    """Engagement of several arms of one disease, stacked along a first axis.

    Returns:
        `targets` (arm, day, target), `kinases` and `pseudokinases` (arm, day, kinase) and `steroid`
        (arm, day) in units of the half-maximal concentration, and `background` (arm,).
    """
    known: dict[Any, Any] = {}
    rows = []
    for arm in arms:
        key = arm.key[1:3], arm.weight, arm.disease.permeability
        if key not in known:
            known[key] = engagement(
                arm.drug, arm.regimen, days, arm.weight, arm.disease.permeability
            )
        rows.append(known[key])
    out: dict[str, Any] = {}
    for name in ("targets", "kinases", "pseudokinases", "steroid"):
        out[name] = np.stack([getattr(row, name) for row in rows])
    out["background"] = np.array([float(arm.has_topicals) for arm in arms])
    return out
