"""Clinical values from a CSV table: one row per value, in declared columns only."""

import csv
import io
import math
import re
from pathlib import Path

from .failures import Problems, UserError, nearest, safe
from .files import read_text
from .identity import is_identity
from .study import ClinicRow

COLUMNS = ("week", "day", "observable", "value", "unit", "sd", "n", "source", "note")
REQUIRED = ("observable", "value")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def read_table(path: Path, problems: Problems) -> list[ClinicRow]:
    """Rows of a clinical table; what is wrong is added to `problems`.

    Args:
        path: Comma-separated, with a header row; lines starting with '#' are remarks.
        problems: Where problems are noted.
    """
    try:
        text = read_text(path, "the clinical table")
    except UserError as error:
        problems.found += error.problems
        return []
    numbered = [(i, line) for i, line in enumerate(text.splitlines(), 1)
                if line.strip() and not line.startswith("#")]  # fmt: skip
    table = list(csv.reader(io.StringIO("\n".join(line for _, line in numbered))))
    if not table:
        problems.add("empty_table", "The clinical table holds no rows.", where=path.name)
        return []
    header = [name.strip().lower() for name in table[0]]
    if not _check_header(header, path, problems):
        return []
    rows = []
    for (line, _), cells in zip(numbered[1:], table[1:], strict=False):
        if len(cells) != len(header):
            problems.add("cut_row", "A row has another number of cells than the header.",
                         where=f"{path.name}, line {line}", found=f"{len(cells)} cells",
                         expected=f"{len(header)}", fix="complete the row")  # fmt: skip
            continue
        row = _row(dict(zip(header, (cell.strip() for cell in cells), strict=True)),
                   f"{path.name}, line {line}", problems)  # fmt: skip
        if row is not None:
            rows.append(row)
    if not table[1:]:
        problems.add("empty_table", "The clinical table holds no rows.", where=path.name,
                     fix="add at least one value")  # fmt: skip
    return rows


def _check_header(header: list[str], path: Path, problems: Problems) -> bool:
    before = len(problems.found)
    for name in header:
        if is_identity(name):
            problems.add("identity_refused", f"The column '{name}' would identify a person.",
                         where=path.name, expected="no identifying column",
                         fix="remove it; the donor's code is in the study file")  # fmt: skip
        elif name not in COLUMNS:
            problems.add("unknown_column", "Unrecognized column.", where=path.name,
                         found=safe(name), expected=nearest(name, COLUMNS),
                         fix="rename or remove it")  # fmt: skip
    for name in REQUIRED:
        if name not in header:
            problems.add("missing_column", f"The column '{name}' is missing.", where=path.name,
                         expected=", ".join(COLUMNS[:6]), fix=f"add a column '{name}'")  # fmt: skip
    if ("week" in header) == ("day" in header):
        problems.add("missing_column", "Expected exactly one of the columns week and day.",
                     where=path.name, fix="add a column 'week'")  # fmt: skip
    return len(problems.found) == before


def _row(cells: dict[str, str], where: str, problems: Problems) -> ClinicRow | None:
    before = len(problems.found)
    time = _number(cells.get("week", cells.get("day", "")), "week or day", where, problems)
    value = _number(cells["value"], "value", where, problems)
    sd = _number(cells["sd"], "sd", where, problems) if cells.get("sd") else None
    n = _number(cells["n"], "n", where, problems) if cells.get("n") else 1.0
    if time < 0:
        problems.add("negative_time", "A time lies before zero.", where=where, found=safe(time))
    if sd is not None and not sd > 0:
        problems.add("bad_sd", "Expected a standard deviation above zero.", where=where,
                     found=safe(sd))  # fmt: skip
    if len(problems.found) > before:
        return None
    day = 7.0 * time if "week" in cells else time
    return ClinicRow(day, cells["observable"], value, cells.get("unit", ""), sd, n=int(n),
                     source=cells.get("source", ""))  # fmt: skip


def _number(text: str, column: str, where: str, problems: Problems) -> float:
    if _NUMBER.fullmatch(text):
        return float(text)
    problems.add("not_a_number", f"Unable to read the column '{column}'.", where=where,
                 found=safe(text), expected="a number with a decimal point",
                 fix="correct the cell, or take the row out")  # fmt: skip
    return math.nan
