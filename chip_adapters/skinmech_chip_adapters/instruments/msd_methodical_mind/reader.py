"""Methodical Mind bytes to plates of spots, without meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.readers import decide_decimal, decode_head
from skinmech_chip_adapters.readers.titled import decode_text, wrong_format

_SECTION = re.compile(r"=====+(?P<name>[A-Z][A-Za-z /]*)?")
_KEY = re.compile(r"(?P<key>[A-Z][A-Za-z0-9 #.]*?) *:(?:\t|\\t| )*(?P<value>.*)")
_LAST_KEY = "Peak Vltg"
_ROWS = {6: 4, 12: 8, 24: 16}


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate as written.

    Attributes:
        number: Of the plate in the file, from 1.
        keys: Value by key of the lines before the data.
        lines: Line number by key.
        cells: Line number and text by row letter, column number and spot number.
        is_whole: False if the sections that follow the data are cut.
    """

    number: int
    keys: dict[str, str]
    lines: dict[str, int]
    cells: dict[tuple[str, int, int], tuple[int, str]]
    is_whole: bool


def sniff(head: bytes, name: str) -> Evidence:
    """A section of data, and keys that only this software writes."""
    text = decode_head(head)
    if re.search(r"[\r\n]=====+Data=", text) and re.search(r"[\r\n]Barcode1 *:", text):
        return Evidence(0.95, ("Barcode1 and a section Data",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """All plates of the file."""
    expected = "a Methodical Mind plate: keys, then ==========Data"
    text = decode_text(content, entry, expected)
    lines = text.lines
    starts = [i for i, line in enumerate(lines) if _section(line) == "Data"]
    if not starts or not any(line.startswith("Barcode1") for line in lines[: starts[0]]):
        raise wrong_format("line 1", "no section Data after keys", expected)
    ends = [_end_of_plate(lines, start) for start in starts]
    problems = Problems()
    plates, refused, tokens = [], [], []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        before = 0 if number == 1 else ends[number - 2]
        try:
            plate = _plate(number, lines, before, start, end)
        except ChipDataError as error:
            if entry.on_bad_row == "keep_flagged":
                refused.append(Unparsed(f"line {start + 1}", f"plate {number}", str(error)))
            problems.found += error.errors
            continue
        plates.append(plate)
        tokens += plate.cells.values()
    after = [line for line in lines[ends[-1] :] if line.strip()]
    if after:
        refused.append(Unparsed(f"line {ends[-1] + 1}", after[0][:40], "keys without data"))
        problems.add(
            "cut_file", locator=f"line {len(lines)}", found="a plate without its data",
            expected="a section Data after the keys",
            remedy='export the file again, or declare on_bad_row = "keep_flagged"',
        )  # fmt: skip
    if entry.on_bad_row == "error" or not plates:
        problems.raise_if_any()
    first = lines[: starts[0]]
    version = plates[0].keys.get("Version", "") if plates else ""
    return Parsed(
        tables=tuple(plates),
        header="\n".join(first),
        unparsed=(
            *refused,
            Unparsed("", "Processing, Statistics, Camera Status, Waveform/Current",
                     "state of the reader; statistics of sectors, not of wells"),
        ),
        messages=tuple(
            Message(level="error", code=one.code, locator=one.locator, text=str(one))
            for one in problems.found
        ),
        encoding=text.encoding,
        newline=text.newline,
        delimiter="\t",
        decimal=decide_decimal(tokens, entry.decimal),
        software=f"Methodical Mind {version}".strip(),
    )  # fmt: skip


def _section(line: str) -> str | None:
    """Name of a section, empty where its line is cut; None for another line."""
    match = _SECTION.match(line)
    return (match["name"] or "") if match else None


def _end_of_plate(lines: Sequence[str], start: int) -> int:
    """Index after the last line of the sections that belong to the plate's data."""
    for index in range(start + 1, len(lines)):
        if lines[index].startswith(_LAST_KEY):
            return index + 1
        if _section(lines[index]) == "Data":
            break  # the section with the last key was left out
    else:
        return len(lines)
    return next((i for i in range(index, start, -1) if lines[i].startswith("FileName")), index)


def _plate(number: int, lines: Sequence[str], before: int, start: int, end: int) -> Plate:
    keys, at = {}, {}
    for index in range(before, start):
        match = _KEY.fullmatch(lines[index].rstrip())
        if match:
            keys[match["key"]] = " ".join(match["value"].split("\t")).strip()
            at[match["key"]] = index + 1
    stop = next((i for i in range(start + 1, end) if _section(lines[i]) is not None), None)
    if stop is None:
        raise ChipDataError(
            "cut_file", locator=f"line {end}, plate {number}", found="no end of the section Data",
            expected="==========Processing after the last row",
            remedy="the file is cut: export it again",
        )  # fmt: skip
    cells = _cells(number, lines, start + 1, stop, keys)
    is_whole = lines[end - 1].startswith(_LAST_KEY)
    return Plate(number, keys, at, cells, is_whole)


def _cells(
    number: int, lines: Sequence[str], start: int, stop: int, keys: dict[str, str]
) -> dict[tuple[str, int, int], tuple[int, str]]:
    """Cells of the section Data, checked against the size of the plate."""
    titles = [cell.strip() for cell in lines[start].split("\t")] if start < stop else []
    columns = [cell for cell in titles if cell]
    if columns != [str(i) for i in range(1, len(columns) + 1)] or len(columns) not in _ROWS:
        raise ChipDataError(
            "header_missing", locator=f"line {start + 1}, plate {number}",
            found="no row of column numbers", expected="columns 1 to 6, 12 or 24",
            remedy="export the file again",
        )  # fmt: skip
    problems = Problems()
    found: dict[tuple[str, int, int], tuple[int, str]] = {}
    letter, spot = "", 0
    spots: dict[str, int] = {}
    for index in range(start + 1, stop):
        if not lines[index].strip() and "\t" not in lines[index]:
            continue
        first, *cells = [cell.strip() for cell in lines[index].split("\t")]
        while len(cells) > len(columns) and not cells[-1]:
            cells.pop()
        letter, spot = (first, 1) if first else (letter, spot + 1)
        where = f"line {index + 1}, plate {number}"
        if len(cells) != len(columns) or not re.fullmatch("[A-P]", letter):
            problems.add(
                "cut_row", locator=where, found=f"row {letter[:10]!r} of {len(cells)} cells",
                expected=f"a row letter and {len(columns)} cells as in the titles",
                remedy="the file is cut or was edited: export it again",
            )  # fmt: skip
            continue
        if spot == 1 and letter in spots:
            problems.add("duplicate_well", locator=where, found=f"row {letter} twice",
                         expected="each row once", remedy="export the file again")  # fmt: skip
        spots[letter] = spot
        for column, text in enumerate(cells, 1):
            found[letter, column, spot] = (index + 1, text)
    _check_size(problems, number, spots, len(columns), keys)
    problems.raise_if_any()
    return found


def _check_size(
    problems: Problems, number: int, spots: dict[str, int], columns: int, keys: dict[str, str]
) -> None:
    """A plate has all of its rows, and each row all of its spots."""
    rows = keys.get("Wells Per Col", "")
    wanted = int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else _ROWS[columns]
    letters = [chr(ord("A") + i) for i in range(wanted)]
    stated = re.search(r"Multi-Spot (\d{1,3})", keys.get("Type", ""))
    each = int(stated[1]) if stated else max(spots.values(), default=1)
    found = [letter for letter, count in spots.items() if count == each]
    if found != letters and not problems.found:
        missing = sorted(set(letters) - set(found)) or sorted(set(found) - set(letters)) or found
        problems.add(
            "cut_file", locator=f"plate {number}, row {missing[0]}",
            found=f"{len(found)} whole rows", expected=f"{len(letters)} rows of {each} spots",
            remedy="the file is cut or was edited: export it again",
        )  # fmt: skip
