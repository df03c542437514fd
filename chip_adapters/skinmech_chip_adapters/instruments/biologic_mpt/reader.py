"""EC-Lab text export to header and columns, without meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.impedance.cells import (
    Column,
    check_width,
    column_missing,
    decimal_of,
    decode_western,
    no_rows,
    number_column,
    split_plainly,
    unknown_time_unit,
    wrong_format,
)
from skinmech_chip_adapters.readers import Line, Text, decode_head

BINARY = b"BIO-LOGIC MODULAR FILE"
_FIRST = re.compile(r"EC-Lab ASCII FILE", re.IGNORECASE)
_COUNT = re.compile(r"Nb header lines\s*:\s*(?P<count>\d{1,5})\s*", re.ASCII)
_LOOP = re.compile(
    r"Loop \d+ from point number (?P<first>\d{1,9}) to (?P<last>\d{1,9})\s*", re.ASCII
)
_TITLE = re.compile(r"(?P<name>.+)/(?P<unit>[^/]+)")
# A number that the exporter wrote whole: all of its digits and a three-digit exponent.
_WHOLE = re.compile(r"[+-]?\d[.,]\d+E[+-]\d{3}", re.ASCII)
COLUMNS = {
    "freq": "frequency",
    "Re(Z)": "real",
    "-Im(Z)": "minus_imaginary",
    "|Z|": "magnitude",
    "Phase(Z)": "phase",
    "time": "time",
}
NEEDED = ("freq", "Re(Z)", "-Im(Z)")
CYCLE = "cycle number"


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """An export as written.

    Attributes:
        technique: Line that names it.
        header: Lines of the header.
        loops: First and last row of each loop that the header lists, from 0.
        rows: Line numbers, shape (rows,).
        columns: By the names in `COLUMNS`, and `cycle` where there is one.
        units: Unit text by the same names.
    """

    technique: str
    header: tuple[str, ...]
    loops: tuple[tuple[int, int], ...]
    rows: np.ndarray
    columns: dict[str, Column]
    units: dict[str, str]


def sniff(head: bytes, name: str) -> Evidence:
    """The first line of the text export, or the signature of the binary file (to refuse it)."""
    if head.startswith(BINARY):
        return Evidence(0.95, ("EC-Lab binary file",))
    if _FIRST.match(decode_head(head[:512])):
        return Evidence(0.95, ("EC-Lab ASCII FILE",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Header and columns of an export.

    Raises:
        ChipDataError: For the binary file, another format or technique, a cut row, or cells that
            are no numbers.
    """
    if content.startswith(BINARY):
        raise ChipDataError(
            "binary_file", locator="byte 0", found="an EC-Lab binary file (.mpr)",
            expected="the text export (.mpt)",
            remedy="in EC-Lab export the file as text, with all columns, and read that",
        )  # fmt: skip
    if not sniff(content[:512], "").score:
        raise wrong_format("a start without 'EC-Lab ASCII FILE'", "an EC-Lab text export (.mpt)")
    text = decode_western(content, entry, _has_superscripts)
    header, count = _header(text)
    technique = next((line.strip() for line in header[2:] if line.strip()), "")
    titles = split_plainly(header[-1:], "\t", count)[0]
    indices, units = _columns(titles, technique)
    rows = [line for line in split_plainly(text.lines[count:], "\t", count + 1) if any(line.cells)]
    for row in rows:
        check_width(row, len(titles.cells))
    if rows and not text.ends_with_newline:
        _check_last(rows, len(titles.cells), indices)
    decimal = decimal_of(rows, sorted(indices.values()), "\t", entry)
    messages: list[Message] = [] if rows else [no_rows()]
    columns = {
        name: number_column(rows, index, decimal, entry, messages)
        for name, index in indices.items()
    }
    loops = (_LOOP.fullmatch(line.strip()) for line in header)
    skipped = [title for i, title in enumerate(titles.cells) if i not in indices.values()]
    return Parsed(
        tables=Run(
            *(technique, header),
            tuple((int(one["first"]), int(one["last"])) for one in loops if one),
            np.array([row.number for row in rows], dtype=np.int64),
            *(columns, units),
        ),
        header="\n".join(header),
        unparsed=tuple(
            Unparsed(f"line {count}", title[:60], "a column this adapter skips")
            for title in skipped
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter="\t",
        decimal=decimal,
        software=next((one.strip() for one in header if one.startswith("EC-L") and "v" in one), "")
        or "EC-Lab",
    )


def _has_superscripts(text: Text) -> bool:
    head = "\n".join(text.lines[:400])
    return " cm²" in head or " cm³" in head or "/µF" in head


def _header(text: Text) -> tuple[tuple[str, ...], int]:
    """Header lines, the titles last, and their number as the second line states it."""
    match = _COUNT.fullmatch(text.lines[1].strip()) if len(text.lines) > 1 else None
    if match is None:
        raise ChipDataError(
            "header_missing", locator="line 2", found="no number of header lines",
            expected="'Nb header lines : …'",
            remedy="export as text with the header, which states the technique",
        )  # fmt: skip
    count = int(match["count"])
    if count < 3 or count > len(text.lines) or "\t" not in text.lines[count - 1]:
        raise ChipDataError(
            "header_missing", locator=f"line {count}", found="no titles of columns",
            expected=f"the titles on line {count}, as line 2 states",
            remedy="the file is cut or was edited: export it again",
        )  # fmt: skip
    return text.lines[:count], count


def _columns(titles: Line, technique: str) -> tuple[dict[str, int], dict[str, str]]:
    indices: dict[str, int] = {}
    units: dict[str, str] = {}
    for index, title in enumerate(titles.cells):
        match = _TITLE.fullmatch(title)
        name = COLUMNS.get(match["name"]) if match else None
        if match and name:
            if name in indices:
                raise ChipDataError(
                    "column_twice", locator=f"line {titles.number}",
                    found=f"column {title[:20]!r} twice", expected="each once",
                    remedy="export the file again",
                )  # fmt: skip
            if name == "time" and match["unit"] != "s":
                raise unknown_time_unit(match["unit"], "s", f"line {titles.number}")
            indices[name], units[name] = index, match["unit"]
        elif title == CYCLE:
            indices.setdefault("cycle", index)
    missing = [name for name in NEEDED if COLUMNS[name] not in indices]
    if len(missing) == len(NEEDED) or missing and "Impedance" not in technique:
        raise ChipDataError(
            "not_impedance", locator=f"line {titles.number}",
            found=f"technique {technique[:60]!r} and no impedance columns",
            expected="an impedance technique with freq/Hz, Re(Z)/Ohm and -Im(Z)/Ohm",
            remedy="leave this file out: it holds no impedance",
        )  # fmt: skip
    for name in missing:
        raise column_missing(titles.number, name, titles.cells)
    return indices, units


def _check_last(rows: Sequence[Line], width: int, indices: dict[str, int]) -> None:
    """The exporter ends the last line without a line end: a cut number must be found otherwise.

    A number in the exporter's own form has a fixed number of digits; any other last cell is only
    harmless in a column that is not used.
    """
    last = rows[-1].cell(width - 1)
    before = rows[-2].cell(width - 1) if len(rows) > 1 else ""
    alike = not before or not _WHOLE.fullmatch(before) or len(before.lstrip("+-")) == len(
        last.lstrip("+-")
    )  # fmt: skip
    if (_WHOLE.fullmatch(last) and alike) or (width - 1 not in indices.values()):
        return
    raise ChipDataError(
        "cut_row", locator=f"line {rows[-1].number}", found="a last number without its line end",
        expected="a line end, or a number with all of its digits",
        remedy="the file is cut: export it again",
    )  # fmt: skip
