"""A TOML table under reading: takes values out, checks them and gathers what is wrong."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from .errors import Problem
from .quantity import BOUNDS, EVIDENCE, UNITS, Quantity

MAY_BE_ZERO = {
    "decoy_competent",
    "intercompartmental_clearance",
    "central_to_peripheral_rate",
    "maximum_elimination",
    "bioavailability",
    "lipid_fraction",
    "log_octanol_water",
    "occlusion_maximum",
}


class Table:
    """A TOML table being read: remembers where it is, what was asked for, and what was wrong."""

    def __init__(
        self, content: Mapping, prefix: str, problems: list[Problem], sources: Mapping[str, str]
    ):
        self.content = content
        self.prefix = prefix
        self.problems = problems
        self.sources = sources
        self.used: set[str] = set()

    def problem(self, key: str, found: Any, expected: str, fix: str) -> None:
        """Note that something at `key` is wrong."""
        found_text = "nothing" if found is None else f"'{found}'"
        self.problems.append(Problem(self.prefix + key, found_text, expected, fix))

    def text(self, key: str, among: Sequence[str] = (), default: str | None = None) -> str:
        """A text, one of `among` where given."""
        self.used.add(key)
        value = self.content.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.problem(key, value, "a text in quotes", f'Add {key} = "…".')
            return ""
        if among and value not in among:
            near = difflib.get_close_matches(value, among, n=1)
            fix = f"Write '{near[0]}'." if near else "Write one of these."
            self.problem(key, value, f"one of {', '.join(repr(a) for a in among)}", fix)
        return value

    def table(self, key: str, required: bool = False, why: str = "") -> Table | None:
        """The table under `key`, or `None`."""
        self.used.add(key)
        value = self.content.get(key)
        if not isinstance(value, Mapping):
            if required or value is not None:
                fix = f"Add a [{self.prefix}{key}] table{why}."
                self.problem(key, value, f"a table [{self.prefix}{key}]", fix)
            return None
        return Table(value, f"{self.prefix}{key}.", self.problems, self.sources)

    def tables(self, key: str) -> list[Table]:
        """The tables of an array of tables."""
        self.used.add(key)
        value = self.content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            self.problem(key, value, f"tables [[{key}]]", f"Write each entry under [[{key}]].")
            return []
        entries = enumerate(value)
        return [
            Table(v, f"{self.prefix}{key}[{i}].", self.problems, self.sources) for i, v in entries
        ]

    def quantity(
        self, key: str, dimensions: Sequence[str], required: bool = True
    ) -> Quantity | None:
        """A sourced number in one of `dimensions`, or `None` where absent or wrong."""
        self.used.add(key)
        value = self.content.get(key)
        if value is None and not required:
            return None
        units = [unit for dimension in dimensions for unit in UNITS[dimension]]
        if not isinstance(value, Mapping):
            form = f'{{ value = …, unit = "{units[0]}", source = "…", evidence = "…" }}'
            self.problem(key, value, f"a number with unit, source and evidence, {form}", "Add it.")
            return None
        table = Table(value, f"{self.prefix}{key}.", self.problems, self.sources)
        count = len(self.problems)
        number = table.number("value", zero=key in MAY_BE_ZERO)
        unit = table.text("unit", units)
        evidence = table.text("evidence", EVIDENCE)
        note = table.text("note", default="")
        bound = table.text("bound", BOUNDS, default="")
        source = table.source()
        if evidence == "assumed" and not note.strip():
            table.problem("note", None, "the reason for an assumed value", 'Add note = "…".')
        table.finish()
        if len(self.problems) > count:
            return None
        dimension = next(name for name in dimensions if unit in UNITS[name])
        quantity = Quantity(number, unit, source, evidence, dimension, note, bound)
        if dimension == "fraction" and not 0 <= quantity.magnitude <= 1:
            table.problem("value", f"{number} {unit}", "a fraction from 0 to 1", "Check the unit.")
        return quantity

    def number(self, key: str, zero: bool) -> float:
        """A finite number; `zero` says whether it may be zero."""
        self.used.add(key)
        value = self.content.get(key)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            self.problem(key, value, "a finite number", "Write a number without quotes.")
            return math.nan
        signed = ("pk.weight.", "pk.dose.exponent.", "permeation.log_octanol_water.")
        is_signed = self.prefix.startswith(signed) and self.prefix != "pk.weight.reference."
        if value < 0 and not is_signed:
            self.problem(key, value, "a number of zero or more", "Remove the minus sign.")
        if value == 0 and not zero:
            self.problem(key, value, "a number above zero", "Give the value, or leave it out.")
        return float(value)

    def source(self) -> str:
        """The key of a citation."""
        value = self.text("source")
        if value and value != "assumed" and value not in self.sources:
            known = ", ".join(repr(name) for name in (*self.sources, "assumed"))
            fix = f'Add {value} = "…" to [references].'
            self.problem("source", value, f"a key of [references] ({known})", fix)
        return value

    def finish(self) -> None:
        """Report keys that nothing asked for."""
        for key in self.content:
            if key not in self.used:
                near = difflib.get_close_matches(key, self.used, n=1)
                fix = f"Did you mean '{near[0]}'?" if near else "Remove it."
                expected = f"only {', '.join(sorted(self.used))}"
                self.problem(key, key, expected, fix)
