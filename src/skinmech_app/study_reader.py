"""Reading `study.toml`: typed access to its tables, with every problem noted."""

import math
import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .failures import DATA, Problem, Problems, UserError, nearest, safe
from .files import read_text
from .identity import CODE, is_identity, is_telling
from .study import (
    AGE_GROUPS,
    DISEASES,
    LAMPS,
    PHOTOTYPES,
    ChipData,
    Clinic,
    ClinicRow,
    Donor,
    FitPlan,
    Forecast,
    Study,
    TreatmentLine,
)

_DAYS = {
    "s": 1 / 86400, "min": 1 / 1440, "h": 1 / 24, "hour": 1 / 24, "hours": 1 / 24, "d": 1.0,
    "day": 1.0, "days": 1.0, "week": 7.0, "weeks": 7.0, "month": 30.4375, "months": 30.4375,
}  # fmt: skip
_KILOGRAMS = {"kg": 1.0, "g": 1e-3, "lb": 0.45359237}


class Section:
    """One table of the file; keys nobody asks for are refused at the end."""

    def __init__(self, data: Any, place: str, file: str, problems: Problems):
        self.place, self.file, self.problems = place, file, problems
        self.used: set[str] = set()
        if not isinstance(data, dict):
            self.wrong("", data, "a table")
        self.data: dict[str, Any] = data if isinstance(data, dict) else {}

    def where(self, key: str = "") -> str:
        """File, table and key for a message."""
        return ", ".join(part for part in (self.file, self.place, key) if part)

    def wrong(self, key: str, found: Any, expected: str, fix: str = "correct the value") -> None:
        """Note a value that does not fit."""
        shown = "" if found == [] else safe(found)
        self.problems.add("study_value", "Unable to use this value.", where=self.where(key),
                          found=shown, expected=expected, fix=fix)  # fmt: skip

    def missing(self, key: str, expected: str) -> None:
        """Note an absent key."""
        self.problems.add("study_missing", f"'{key}' is not stated.", where=self.where(),
                          expected=expected, fix=f"add {key} = …")  # fmt: skip

    def get(self, key: str, kind: type | tuple[type, ...], default: Any, expected: str) -> Any:
        """A value of the wanted kind, else the default and a problem."""
        self.used.add(key)
        if key not in self.data:
            return default
        value = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, value, expected)
            return default
        return value

    def number(self, key: str, default: Any = None, low: float = -math.inf,
               high: float = math.inf) -> Any:  # fmt: skip
        """A finite number between limits."""
        value = self.get(key, (int, float), default, "a number")
        if value is default:
            return default
        if not (math.isfinite(value) and low <= value <= high):
            self.wrong(key, value, f"a number from {low:g} to {high:g}")
            return default
        return value

    def quantity(self, key: str, units: dict[str, float], example: str, default: Any) -> Any:
        """A number with its unit, such as "75 kg", in the first unit; above zero or zero."""
        self.used.add(key)
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, (int, float)) and not isinstance(value, bool) and key in ("weeks",):
            return float(value)
        found = re.fullmatch(r"([\d.]+(?:e-?\d+)?)\s*([A-Za-z]+)", str(value).strip())
        if not found or found[2] not in units:
            shown = value if re.match(r"[\d.]", str(value)) else []
            self.wrong(key, shown, f'a number with a unit, such as "{example}"', "add the unit")
            return default
        try:
            return float(found[1]) * units[found[2]]
        except ValueError:
            self.wrong(key, value, f'a number with a unit, such as "{example}"')
            return default

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        return self.get(key, str, default, "a text in quotes")

    def code(self, key: str) -> str:
        """A pseudonym: letters, digits, '-', '_' and '.', no spaces. It is not shown if refused."""
        value = self.text(key)
        if value and not CODE.fullmatch(value):
            self.problems.add(
                "not_a_code", "Only a code is accepted here, never a name.",
                where=self.where(key), expected="up to 32 letters, digits, '-', '_' or '.'",
                fix='use a pseudonym, such as "P07"',
            )  # fmt: skip
            return ""
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of several words."""
        value = self.text(key, default)
        if value != default and value not in allowed:
            # A word far from every known one may be a person's: it is not shown.
            is_near = bool(get_close_matches(value, allowed, n=1, cutoff=0.5))
            self.wrong(key, value if is_near else [], nearest(value, allowed))
            return default
        return value

    def tables(self, key: str) -> "list[Section]":
        """An array of tables."""
        value = self.get(key, list, [], f"[[{key}]] tables")
        place = f"{self.place}.{key}".lstrip(".")
        return [Section(one, f"[[{place}]] {number}", self.file, self.problems)
                for number, one in enumerate(value, 1)]  # fmt: skip

    def table(self, key: str) -> "Section":
        """One table, empty if absent."""
        return Section(self.get(key, dict, {}, "a table"), f"[{key}]", self.file, self.problems)

    def finish(self) -> None:
        """Refuse keys that nobody asked for; identifying ones without showing their value."""
        for key in self.data:
            if key in self.used:
                continue
            if is_identity(key):
                self.problems.add(
                    "identity_refused", f"The field '{key}' would identify a person.",
                    where=self.where(key), expected="a pseudonymous code only",
                    fix=f"take '{key}' out of the file and keep it elsewhere",
                )  # fmt: skip
            else:
                shown = key if CODE.fullmatch(key) else "one key"
                self.problems.add("unknown_key", f"Unrecognized key: '{shown}'.",
                                  where=self.where(), expected=nearest(key, self.used),
                                  fix="correct or remove it")  # fmt: skip


def read_study(path: Path) -> Study:
    """See `study.load`."""
    text = read_text(path, "the study file")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at .*\)", str(error))
        raise UserError(
            Problem("not_toml", "Unable to read the study file as TOML.",
                    f"{path.name} {place[0] if place else ''}".strip(), fix="correct the syntax")
        ) from error  # fmt: skip
    return StudyReader(data, path).study()


class StudyReader:
    """Reads the tables of a study file; every problem is noted."""

    def __init__(self, data: dict[str, Any], path: Path):
        self.path, self.problems = path, Problems()
        self.top = Section(data, "", path.name, self.problems)
        self.courses: dict[str, tuple[tuple[TreatmentLine, ...], float]] = {}

    def study(self) -> Study:
        head = self.top.table("study")
        study_id, title = head.code("id"), head.text("title")
        if not study_id and "id" not in head.data:
            head.missing("id", 'a short code, such as "AD-017"')
        if is_telling(title):
            self.problems.add("identity_refused", "The title seems to tell who it is.",
                              where=head.where("title"), fix="leave them out")  # fmt: skip
            title = ""
        head.finish()
        donor = self._donor()
        parameters, priors = self._parameters(), self._priors()
        treatments = self._treatments(self.top)
        clinics = tuple(self._clinic(one, i) for i, one in enumerate(self.top.tables("clinic"), 1))
        chips = tuple(self._chip(one) for one in self.top.tables("chip"))
        fit = self._fit()
        forecasts = tuple(self._forecast(one) for one in self.top.tables("forecast"))
        self.top.finish()
        names = [one.name for one in clinics]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problems.add("duplicate_name", f"Two [[clinic]] tables are named '{name}'.",
                              where=self.path.name, fix="give each its own name")  # fmt: skip
        self.problems.raise_if_any(DATA)
        return Study(self.path, study_id, title, donor, parameters, clinics, chips, treatments,
                     fit, forecasts, priors)  # fmt: skip

    def _donor(self) -> Donor:
        section = self.top.table("donor")
        alleles = section.get("filaggrin_null_alleles", int, None, "0, 1 or 2")
        if alleles not in (None, 0, 1, 2):
            section.wrong("filaggrin_null_alleles", alleles, "0, 1 or 2")
        weight = section.quantity("weight", _KILOGRAMS, "75 kg", None)
        if weight is not None and not 1 <= weight <= 400:
            section.wrong("weight", section.data["weight"], "1 to 400 kg", "check the unit")
        donor = Donor(
            section.code("code"),
            section.choice("disease", DISEASES, "healthy"),
            alleles,
            section.choice("phototype", PHOTOTYPES, ""),
            weight,
            section.choice("age_group", AGE_GROUPS, "adult"),
            th1_score=section.number("th1_score", 0.0, -4, 4),
            th2_score=section.number("th2_score", 0.0, -4, 4),
            th17_score=section.number("th17_score", 0.0, -4, 4),
            th22_score=section.number("th22_score", 0.0, -4, 4),
            s_aureus=section.number("s_aureus", 1.0, 0, 100),
        )
        section.finish()
        return donor

    def _parameters(self) -> dict[str, float]:
        section = self.top.table("parameters")
        out = {}
        for path, value in section.data.items():
            section.used.add(path)
            if isinstance(value, dict):
                section.wrong(path, value, 'a quoted path: "barrier.water_diffusivity" = 1.0')
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                section.wrong(path, value, "a number in the parameter's unit")
            else:
                out[path] = float(value)
        return out

    def _priors(self) -> dict[str, tuple[float, float]]:
        top, out = self.top.table("priors"), {}
        for path, value in top.data.items():
            top.used.add(path)
            if not isinstance(value, dict):
                top.wrong(path, value, '"path" = { centre = 1.3, spread = 0.5 }')
                continue
            section = Section(value, f"[priors] {path}", self.path.name, self.problems)
            centre, spread = section.number("centre"), section.number("spread", None, 1e-9)
            for key, number in (("centre", centre), ("spread", spread)):
                if number is None and key not in section.data:
                    section.missing(key, "a number")
            section.finish()
            if centre is not None and spread is not None:
                out[path] = (float(centre), float(spread))
        return out

    def _treatments(self, owner: Section) -> tuple[TreatmentLine, ...]:
        value = owner.data.get("treatment", [])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            owner.used.add("treatment")
            lines = [one.partition(":") for one in value]
            return tuple(TreatmentLine(drug.strip(), words.strip()) for drug, _, words in lines)
        return tuple(self._treatment(one) for one in owner.tables("treatment"))

    def _treatment(self, section: Section) -> TreatmentLine:
        line = TreatmentLine(
            drug=section.text("drug"),
            regimen=section.text("regimen"),
            start=section.quantity("start", _DAYS, "2 weeks", 0.0),
            stop=section.quantity("stop", _DAYS, "16 weeks", None),
            adherence=section.number("adherence", 1.0, 0.0, 1.0),
            fluence=section.text("ultraviolet"),
            strips=section.get("tape_strips", int, 0, "a whole number"),
            lamp=section.choice("lamp", LAMPS, ""),
        )
        if sum(bool(one) for one in (line.drug, line.fluence, line.strips)) != 1:
            section.missing("drug", "exactly one of drug, ultraviolet, tape_strips")
        section.finish()
        return line

    def _clinic(self, section: Section, number: int) -> Clinic:
        from .clinic_table import read_table
        from .cohort_table import FORMAT, read_course

        name = section.code("name") or f"clinic-{number}"
        rows = [self._row(one) for one in section.tables("rows")]
        file, subject = section.text("file"), section.code("subject")
        is_cohort = section.choice("format", ("table", FORMAT), "table") == FORMAT
        until = section.quantity("until", _DAYS, "3 weeks", math.inf)
        path = self.path.parent / file if file else None
        treatments, first_dose = self._treatments(section), None
        if subject and not is_cohort:
            section.wrong("subject", [], f'format = "{FORMAT}" beside it')
        elif is_cohort and not subject:
            section.missing("subject", "the patient's number in the table")
        elif is_cohort and path is not None:
            if treatments:
                section.wrong("treatment", [], "none: the table holds every exposure", "remove it")
            course = read_course(path, subject, section.where(), self.problems)
            if course is not None:
                rows += course.rows
                treatments, first_dose = course.exposures, course.first_dose
        elif path is not None:
            rows += read_table(path, self.problems)
        if not file and (is_cohort or "rows" not in section.data):
            section.missing("file", 'file = "clinic.csv", or rows = [{ week = 0, … }]')
        kept = tuple(row for row in rows if row.day <= until)
        if rows and not kept:
            section.wrong("until", section.data["until"], "a time after the first value")
        self.courses[name] = treatments, max((row.day for row in rows), default=0.0) / 7.0
        if kept:
            last = max(row.day for row in kept)
            treatments = tuple(line for line in treatments if line.start <= last)
        section.finish()
        return Clinic(name, kept, treatments, path, first_dose)

    def _row(self, section: Section) -> ClinicRow:
        day, week = section.number("day"), section.number("week")
        if (day is None) == (week is None):
            section.missing("week", "exactly one of week, day")
        time = day if day is not None else 7.0 * (week or 0.0)
        if time < 0:
            section.wrong("week", time, "a time from zero on")
        observable = section.text("observable")
        value = section.number("value")
        if not observable:
            section.missing("observable", "such as easi, tewl, itch_nrs")
        if value is None and "value" not in section.data:
            section.missing("value", "a number")
        row = ClinicRow(
            float(time), observable, math.nan if value is None else float(value),
            section.text("unit"), section.number("sd", None, 1e-300),
            n=int(section.number("n", 1, 1)), source=section.text("source"),
        )  # fmt: skip
        section.finish()
        return row

    def _chip(self, section: Section) -> ChipData:
        record, chip = section.text("record"), section.text("chip")
        for key, value in (("record", record), ("chip", chip)):
            if not value:
                section.missing(key, 'such as record = "study.h5", chip = "C07"')
        observe = section.get("observe", list, [], "a list of observables")
        entry = ChipData(
            self.path.parent / record, chip, tuple(map(str, observe)),
            float(section.number("immune_cells", 0.0, 0.0, 10.0)),
            float(section.number("melanocytes", 0.0, 0.0, 10.0)),
            section.text("volume"), section.text("flow"), section.text("area"),
            section.quantity("collection", _DAYS, "24 h", None),
            section.choice("spectra", ("teer", "impedance"), "teer"),
        )  # fmt: skip
        section.finish()
        return entry

    def _fit(self) -> FitPlan:
        section = self.top.table("fit")
        free = section.get("free", list, [], "a list of parameter paths")
        plan = FitPlan(
            tuple(map(str, free)),
            int(section.number("starts", 3, 1, 1000)),
            int(section.number("seed", 0, 0, 2**32 - 1)),
        )
        section.finish()
        return plan

    def _forecast(self, section: Section) -> Forecast:
        lines, length = self._treatments(section), 16.0
        course = section.code("course")
        if course and course not in self.courses:
            section.wrong("course", course, f"a [[clinic]]: {nearest(course, self.courses)}")
        elif course and lines:
            section.wrong("course", course, "either course or treatment", "remove one of the two")
        elif course:
            lines, known = self.courses[course]
            length = known or length
        words = ", ".join(line.words for line in lines) or "no treatment"
        name = section.text("name") or (f"course of {course}" if course else words)
        weeks = section.quantity("weeks", {"week": 1.0, "weeks": 1.0}, "16 weeks", length)
        section.finish()
        return Forecast(name, tuple(one for one in lines if one.start <= 7.0 * weeks), weeks)
