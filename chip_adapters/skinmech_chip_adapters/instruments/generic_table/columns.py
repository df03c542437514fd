"""The declaration of columns, checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems, one_of
from skinmech_chip_adapters.observables import observable
from skinmech_chip_adapters.schema import Kind
from skinmech_chip_adapters.units import canonical_unit, conversion, is_known_unit

LAYOUTS = ("table", "series", "impedance")
SIGNS = ("capacitive_negative", "capacitive_positive")
# Roles with the unit their numbers are stored in; empty for text.
ROLES = {
    "value": "",
    "chip": "",
    "well": "",
    "sample": "",
    "time": "s",
    "timestamp": "",
    "date": "",
    "clock": "",
    "location": "",
    "analyte": "",
    "unit": "",
    "sd": "",
    "n": "",
    "technical_replicate": "",
    "biological_replicate": "",
    "excluded": "",
    "note": "",
    "status": "",
    "temperature": "degC",
    "sweep": "",
    "frequency": "Hz",
    "real": "ohm",
    "imaginary": "ohm",
    "magnitude": "ohm",
    "phase": "radian",
    "ignore": "",
}
NUMERIC = ("value", "time", "sd", "n", "temperature", "frequency", "real", "imaginary",
           "magnitude", "phase")  # fmt: skip
_PLACING = ("chip", "well", "sample", "time", "timestamp", "date", "clock", "location",
            "technical_replicate", "ignore")  # fmt: skip
_PARTS = ("real", "imaginary", "magnitude", "phase")
# What each layout has room for; a column of another role would be lost in it.
LAYOUT_ROLES = {
    "table": tuple(role for role in ROLES if role not in ("status", "sweep", *_PARTS)),
    "series": (*_PLACING, "value", "status"),
    "impedance": (*_PLACING, *_PARTS, "frequency", "sweep", "temperature", "note", "excluded"),
}
_IN_BRACKETS = re.compile(r".*[(\[]([^()\[\]]+)[)\]]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One declared column.

    Attributes:
        name: Its title in the file.
        role: One of `ROLES`; `value` if an observable is given.
        of: Title of the value column that an `sd` or `n` column belongs to.
    """

    name: str
    role: str = "value"
    observable: str = ""
    analyte: str = ""
    unit: str = ""
    method: str = ""
    location: str = ""
    kind: str = "raw"
    of: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole declaration of one file."""

    layout: str
    columns: tuple[Column, ...]
    header_line: int
    imaginary_sign: str

    def by_role(self, role: str) -> Column | None:
        """The column with a role, or None."""
        return next((one for one in self.columns if one.role == role), None)

    def values(self) -> tuple[Column, ...]:
        """The value columns."""
        return tuple(one for one in self.columns if one.role == "value")


def declared_layout(entry: FileEntry) -> Layout:
    """Check the `columns` of a `[[file]]` entry.

    Raises:
        ChipDataError: Everything that is wrong with the declaration, at once.
    """
    problems = Problems()
    stated = entry.extra.get("columns")
    where = f"[[file]] ({entry.path}) columns"
    if not isinstance(stated, Mapping) or not stated:
        raise ChipDataError(
            "columns_missing", locator=where, found="no columns",
            expected="a table of column titles and what they are",
            remedy='such as [file.columns] "TEWL" = { observable = "tewl", unit = "g/m2/h" }',
        )  # fmt: skip
    columns = []
    for name, data in stated.items():
        with problems.collect(locator=f"{where} {name!r}"):
            columns.append(_column(name, data))
    layout = entry.extra.get("layout", "table")
    sign = entry.extra.get("imaginary_sign", "")
    header_line = entry.extra.get("header_line", 0)
    if layout not in LAYOUTS:
        problems.add("sidecar_value", locator=where, found=f"layout {layout!r}",
                     expected=one_of(LAYOUTS, str(layout)))  # fmt: skip
    if not isinstance(header_line, int) or header_line < 0:
        problems.add("sidecar_value", locator=where, found=f"header_line {header_line!r}",
                     expected="a line number")  # fmt: skip
    if not problems.found:  # a column that was refused above is not a missing one
        _check_roles(columns, str(layout), sign, where, problems)
    problems.raise_if_any()
    return Layout(layout=layout, columns=tuple(columns), header_line=header_line,
                  imaginary_sign=sign)  # fmt: skip


def _column(name: str, data: Any) -> Column:
    if not isinstance(data, Mapping):
        raise ChipDataError("sidecar_value", found=f"{data!r}"[:40], expected="a table in braces")
    known = [item.name for item in fields(Column) if item.name != "name"]
    for key, value in data.items():
        if key not in known:
            raise ChipDataError("unknown_key", found=f"key {key!r}", expected=one_of(known, key))
        if not isinstance(value, str):
            raise ChipDataError("sidecar_value", found=f"{key} = {value!r}", expected="a text")
    column = Column(name=name, **data)
    if column.role not in ROLES:
        raise ChipDataError("sidecar_value", found=f"role {column.role!r}",
                            expected=one_of(ROLES, column.role))  # fmt: skip
    if column.kind not in [one.value for one in Kind]:
        raise ChipDataError("sidecar_value", found=f"kind {column.kind!r}", expected=one_of(Kind))
    if column.role == "value":
        quantity = observable(column.observable)
        if column.unit:
            conversion(column.unit, quantity.unit)
    elif ROLES[column.role]:
        if not column.unit:
            raise ChipDataError(
                "unit_missing",
                found="no unit",
                expected=f"a unit that converts to {ROLES[column.role]}",
            )
        conversion(column.unit, ROLES[column.role])
    _check_title(column)
    return column


def _check_title(column: Column) -> None:
    """A unit in the title of a column must not contradict the declared one."""
    match = _IN_BRACKETS.fullmatch(column.name)
    if not (match and column.unit and is_known_unit(match[1])):
        return
    if canonical_unit(match[1]) != canonical_unit(column.unit):
        raise ChipDataError(
            "unit_conflict", found=f"unit {match[1]!r} in the column's title",
            expected=f"the declared unit {column.unit!r}", remedy="correct the declaration",
        )  # fmt: skip


def _check_roles(
    columns: list[Column], layout: str, sign: Any, where: str, problems: Problems
) -> None:
    roles = [one.role for one in columns]
    names = [one.name for one in columns]
    for role in set(roles) - {"value", "sd", "n", "ignore", "note"}:
        if roles.count(role) > 1:
            problems.add("sidecar_value", locator=where, found=f"role {role!r} twice",
                         expected="one column for this role")  # fmt: skip
    has_unit_column, has_analyte = "unit" in roles, "analyte" in roles
    for one in columns:
        if one.role in ("sd", "n") and one.of not in names:
            problems.add("sidecar_value", locator=f"{where} {one.name!r}", found=f"of {one.of!r}",
                         expected=one_of(names, one.of))  # fmt: skip
        if one.role != "value":
            continue
        if not one.unit and not has_unit_column:
            problems.add(
                "unit_missing", locator=f"{where} {one.name!r}", found="no unit",
                expected="unit = …, or a column with role unit",
                remedy="state the unit; none is assumed",
            )  # fmt: skip
        if not one.analyte and not has_analyte and observable(one.observable).needs_analyte:
            problems.add(
                "analyte_missing", locator=f"{where} {one.name!r}", found="no analyte",
                expected="analyte = …, or a column with role analyte",
            )  # fmt: skip
    for role in sorted(set(roles) - set(LAYOUT_ROLES[layout])):
        problems.add(
            "sidecar_value", locator=where, found=f"role {role!r} in the layout {layout!r}",
            expected=one_of(LAYOUT_ROLES[layout], role),
            remedy="take another layout, or declare the column as ignored",
        )  # fmt: skip
    if layout == "impedance":
        _check_impedance(set(roles), sign, where, problems)
    elif "value" not in roles:
        problems.add("columns_missing", locator=where, found="no value column",
                     expected="at least one column with an observable")  # fmt: skip


def _check_impedance(roles: set[str], sign: Any, where: str, problems: Problems) -> None:
    complete = {"real", "imaginary"} <= roles or {"magnitude", "phase"} <= roles
    if "frequency" not in roles or not complete:
        problems.add(
            "column_missing", locator=where, found="roles " + ", ".join(sorted(roles)),
            expected="frequency, and real with imaginary or magnitude with phase",
        )  # fmt: skip
    if sign not in SIGNS:
        problems.add(
            "sign_unclear", locator=where, found=f"imaginary_sign {sign!r}", expected=one_of(SIGNS),
            remedy="state which sign a capacitor has in the imaginary part or phase of this file",
        )  # fmt: skip
