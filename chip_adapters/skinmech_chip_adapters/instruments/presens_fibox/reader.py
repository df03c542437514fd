"""Fibox bytes to blocks of rows, without meaning."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.instruments._logger import decode_log, refuse_row
from skinmech_chip_adapters.readers import Text, decide_decimal, decode_head

_TITLE_3 = re.compile(r"\s*date\s*\((?P<order>[DMY/. -]+)\)\s*;", re.IGNORECASE)
_TITLE_4 = re.compile(r"\s*Date\s*;\s*Time\s*;.*\bValue\s*;\s*Unit\s*;")
# Column titles (before the first slash, in lower case) and what they are called here.
COLUMNS_3 = {
    "date": "date",
    "time": "clock",
    "logtime": "elapsed",
    "oxygen": "oxygen",
    "phase": "phase",
    "amp": "amplitude",
    "temp": "temperature",
    "errormessage": "error",
}
COLUMNS_4 = {
    "Date": "date",
    "Time": "clock",
    "delta_t": "elapsed",
    "deltat": "elapsed",
    "Value": "oxygen",
    "Phase": "phase",
    "Amplitude": "amplitude",
    "Temp": "temperature",
    "patm": "pressure",
    "Salinity": "salinity",
    "Error": "error",
}
NEEDED = ("date", "clock", "elapsed", "oxygen")
NUMERIC = ("elapsed", "oxygen", "phase", "amplitude", "temperature", "pressure", "salinity")


@dataclass(frozen=True, slots=True)
class Block:
    """The rows below one title line.

    Attributes:
        number: Position in the file, from 1.
        line: Line number of the titles.
        date_order: As the title of the date says, such as `DMY`; empty if it does not.
        places: Index of the cell by name of the column.
        units: Unit by name of the column.
        rows: Line number and cells of every row.
    """

    number: int
    line: int
    date_order: str
    places: Mapping[str, int]
    units: Mapping[str, str]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Log:
    """The blocks of a file; `no_error` is the word for a reading without error."""

    blocks: tuple[Block, ...]
    no_error: tuple[str, ...]
    refused: int


def sniff(head: bytes, name: str) -> Evidence:
    """The description block of OxyView, or the title line of a Fibox 4."""
    lines = decode_head(head).splitlines()
    if lines and lines[0].startswith("*****") and "DESCRIPTION" in lines[0]:
        if any(_TITLE_3.match(line) or "PreSens" in line for line in lines):
            return Evidence(0.95, ("description block, PreSens",))
    if any(_TITLE_4.match(line) for line in lines[:2]):
        return Evidence(0.9, ("date, time, then value and unit columns",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Split a Fibox log into its blocks."""
    head = decode_head(content[:4096]).splitlines()
    third = bool(head) and head[0].startswith("*****") and "DESCRIPTION" in head[0]
    if not third and not any(_TITLE_4.match(line) for line in head[:2]):
        raise ChipDataError(
            "wrong_format", locator="line 1", found="neither description block nor value columns",
            expected="a log of OxyView (Fibox 3) or of a Fibox 4",
            remedy="name the right adapter in the side-car",
        )  # fmt: skip
    text = decode_log(content, entry.encoding)
    pattern = _TITLE_3 if third else _TITLE_4
    starts = [index for index, line in enumerate(text.lines) if pattern.match(line)]
    if not starts or (starts[-1] == len(text.lines) - 1 and not text.ends_with_newline):
        raise ChipDataError(
            "cut_file", locator=f"line {len(text.lines)}", found="no whole line of column titles",
            expected="titles from date to error", remedy="the file is cut: export it again",
        )  # fmt: skip
    messages: list[Message] = []
    unparsed: list[Unparsed] = []
    blocks = tuple(
        _block(text, number, start, stop, third, entry, messages, unparsed)
        for number, (start, stop) in enumerate(
            zip(starts, [*starts[1:], len(text.lines)], strict=True), 1
        )
    )
    tokens = (
        (line, cells[block.places[name]])
        for block in blocks for line, cells in block.rows
        for name in NUMERIC if name in block.places
    )  # fmt: skip
    decimal = decide_decimal(tokens, entry.decimal)
    if not any(block.rows for block in blocks):
        messages.append(
            Message(level="warning", code="no_rows", text="the file holds a header and no values")
        )
    refused = sum(one.code == "cut_row" for one in messages)
    return Parsed(
        tables=Log(blocks, ("E0", "0", "") if third else ("0", ""), refused),
        header="\n".join(text.lines[: starts[0] + 1]),
        unparsed=tuple(dict.fromkeys(unparsed)),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=";",
        decimal=decimal,
        date_order=blocks[0].date_order,
        software=next((one.rstrip(";") for one in text.lines if one.startswith("OxyView")), ""),
    )


def _block(
    text: Text, number: int, start: int, stop: int, third: bool, entry: FileEntry,
    messages: list[Message], unparsed: list[Unparsed],
) -> Block:  # fmt: skip
    titles = [cell.strip() for cell in text.lines[start].split(";")]
    places, units, order = _columns(titles, third, start + 1, unparsed)
    rows = tuple(_rows(text, start, stop, titles, entry, messages))
    if not third:
        units = _units_of_rows(places, rows)
    return Block(number, start + 1, order, places, units, rows)


def _columns(
    titles: list[str], third: bool, line: int, unparsed: list[Unparsed]
) -> tuple[dict[str, int], dict[str, str], str]:
    places: dict[str, int] = {}
    units: dict[str, str] = {}
    order = ""
    for index, title in enumerate(titles):
        name, _, unit = title.partition("/")
        if third and name.lower().startswith("date"):
            match = _TITLE_3.match(title + ";")
            order = "".join(c for c in dict.fromkeys(match["order"].upper()) if c in "DMY") if (
                match) else ""  # fmt: skip
            name = "date"
            unit = ""
        key = COLUMNS_3.get(name.lower(), "") if third else COLUMNS_4.get(title, "")
        if key and key in places:
            raise ChipDataError("column_twice", locator=f"line {line}", found=f"column {title!r}",
                                expected="each title once")  # fmt: skip
        if key:
            places[key] = index
            units[key] = unit.strip()
        elif title and title != "Unit":
            unparsed.append(Unparsed(f"line {line}", title, "a column this adapter skips"))
        if key in ("phase", "amplitude", "pressure", "salinity"):
            unparsed.append(
                Unparsed(f"line {line}", title, "read, but no observable; stays in the file")
            )
    for needed in NEEDED:
        if needed not in places:
            raise ChipDataError(
                "column_missing", locator=f"line {line}", found=f"no column of {needed}",
                expected=one_of([one for one in titles if one], needed),
                remedy="the title line is cut, or the log was exported without this column",
            )  # fmt: skip
    return places, units, order


def _rows(
    text: Text, start: int, stop: int, titles: list[str], entry: FileEntry, messages: list[Message]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    for index in range(start + 1, stop):
        line = text.lines[index]
        if not line.strip(" ;\t"):
            continue
        if stop < len(text.lines) and not re.match(r"\s*\d", line):
            return  # the preamble of the next block
        cells = tuple(cell.strip() for cell in line.split(";"))
        is_cut = index == len(text.lines) - 1 and not text.ends_with_newline
        if len(cells) == len(titles) and not is_cut:
            yield index + 1, cells
            continue
        found = "a last line without its end" if is_cut else f"{len(cells)} cells"
        expected = f"{len(titles)} cells as in line {start + 1}, and a line end"
        refuse_row(index + 1, found, expected, entry, messages)


def _units_of_rows(
    places: dict[str, int], rows: tuple[tuple[int, tuple[str, ...]], ...]
) -> dict[str, str]:
    """Units that stand in the cell after each value; they have to stay the same."""
    units: dict[str, str] = {}
    for line, cells in rows:
        for name in NUMERIC:
            if name not in places or places[name] + 1 >= len(cells):
                continue
            unit = cells[places[name] + 1]
            if units.setdefault(name, unit) != unit:
                raise ChipDataError(
                    "unit_conflict", locator=f"line {line}", found=f"{name} in {unit[:20]!r}",
                    expected=f"{units[name]!r} as in the rows before",
                    remedy="export the readings of each unit to a file of their own",
                )  # fmt: skip
    return units
