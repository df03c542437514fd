"""The two logs' title lines as parts: which cell of a row is what."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Unparsed
from skinmech_chip_adapters.errors import ChipDataError

_TITLE = re.compile(r"(?P<name>.+?)\s*(?:\((?P<unit>[^()]*)\))?\s*\[(?P<source>[^\[\]]+)\]")
_SOURCE = re.compile(r"(?P<channel>.+?)(?:\s+(?P<part>Main|Comp\w+))?")
_GROUP = re.compile(r"(?P<name>[^(\[]*?)\s*(?:[(\[](?P<unit>[^()\[\]]*)[)\]])?\s*")
_CHANNEL = re.compile(r"Ch\.?\s*(\d+)")

# Titles that hold a quantity, and what it is; a unit of None stands for the one in the title.
QUANTITIES = {
    "Oxygen": "oxygen",
    "pH": "ph",
    "Sample Temp.": "temperature",
    "Optical Temp.": "temperature",
    "Fixed Temp": "temperature",
    "Fixed Temp.": "temperature",
    "Pressure": "pressure",
}
RAW = ("dphi", "Signal Intensity", "Ambient Light")
UNKNOWN = "unknown column"
_CLOCKS = {"Date": "date", "Time": "clock", "dt": "elapsed", "Status": "status"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that holds a quantity: title, index of its cell, quantity and unit text."""

    title: str
    index: int
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Part:
    """Columns of one sensor with its clock.

    Attributes:
        channel: Such as `A Ch.1`.
        name: `Main`, `CompT`, `CompP`, or empty.
        clock: Index of the cells `date`, `clock`, `elapsed` and, if there is one, `status`.
        columns: The quantities.
    """

    channel: str
    name: str
    clock: Mapping[str, int]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """A log of either program; `title` is the line number of the titles."""

    program: str
    title: int
    parts: tuple[Part, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    refused: int


def workbench_parts(titles: Sequence[str], line: int) -> tuple[tuple[Part, ...], list[Unparsed]]:
    """Parts of a Workbench title line, by the words in brackets.

    Raises:
        ChipDataError: `column_missing` or `column_twice`.
    """
    clocks: dict[str, dict[str, int]] = {}
    columns: dict[str, list[Column]] = {}
    unparsed = []
    for index, title in enumerate(titles):
        match = _TITLE.fullmatch(title)
        if match is None:
            raise ChipDataError(
                "column_missing", locator=f"line {line}, column {index + 1}",
                found=f"title {title[:40]!r}", expected="a name with its channel in brackets",
                remedy="the title line is cut or was edited: export the log again",
            )  # fmt: skip
        name, source = match["name"], match["source"]
        clock = clocks.setdefault(source, {})
        mine = columns.setdefault(source, [])
        if name in _CLOCKS:
            if _CLOCKS[name] in clock:
                raise ChipDataError("column_twice", locator=f"line {line}",
                                    found=f"column {title!r}", expected="each once")  # fmt: skip
            if name == "dt" and match["unit"] != "s":
                raise ChipDataError("unknown_unit", locator=f"line {line}",
                                    found=f"column {title!r}", expected="dt (s)")  # fmt: skip
            clock[_CLOCKS[name]] = index
        elif name in QUANTITIES:
            mine.append(Column(title, index, QUANTITIES[name], match["unit"] or ""))
        else:
            reason = "raw signal or device state; stays in the file" if name in RAW else UNKNOWN
            unparsed.append(Unparsed(f"line {line}", title, reason))
    parts = []
    for source, clock in clocks.items():
        missing = [one for one in ("date", "clock", "elapsed", "status") if one not in clock]
        if missing and columns[source]:
            raise ChipDataError(
                "column_missing", locator=f"line {line}",
                found=f"no column of {', '.join(missing)} for [{source}]",
                expected="date, time, dt (s) and status of every part",
                remedy="export the log again with all columns",
            )  # fmt: skip
        match = _SOURCE.fullmatch(source)
        channel, name = (match["channel"], match["part"] or "") if match else (source, "")
        if columns[source]:
            parts.append(Part(channel, name, clock, tuple(columns[source])))
    return tuple(parts), unparsed


def logger_parts(
    groups: Sequence[str], titles: Sequence[str], settings: Mapping[str, str], line: int
) -> tuple[tuple[Part, ...], list[Unparsed]]:
    """Parts of a Pyro Oxygen Logger title line.

    Args:
        groups: Cells of the line above, each standing over the first column of its group.
        titles: Cells of the title line.
        settings: Oxygen unit by number of the channel.
        line: Line number of the titles.

    Raises:
        ChipDataError: `column_missing` or `unit_conflict`.
    """
    if len(titles) < 5 or titles[0] != "Date" or "(s)" not in titles[2].replace("[s]", "(s)"):
        raise ChipDataError(
            "column_missing", locator=f"line {line}", found="titles without date and elapsed time",
            expected="Date, Time (HH:MM:SS), Time (s), Comment, Ch1, …",
            remedy="export the log again with its title lines",
        )  # fmt: skip
    clock = {"date": 0, "clock": 1, "elapsed": 2}
    found: dict[str, list[Column]] = {}
    unparsed = []
    group = ""
    for index, title in enumerate(titles[3:], 3):
        above = groups[index] if index < len(groups) else ""
        group = above or group
        channel = _CHANNEL.fullmatch(title)
        match = _GROUP.fullmatch(group)
        name, unit = (match["name"].lower(), match["unit"] or "") if match else ("", "")
        if channel and name.startswith("oxygen"):
            stated = settings.get(channel[1], "")
            if unit and stated and unit.strip(" .") != stated.strip(" ."):
                raise ChipDataError(
                    "unit_conflict", locator=f"line {line}, column {index + 1}",
                    found=f"oxygen in {unit!r}", expected=f"{stated!r} as in the settings",
                )  # fmt: skip
            column = Column(f"Oxygen {title}", index, "oxygen", stated or unit)
        elif channel and name.startswith("temp"):
            column = Column(f"Temp {title}", index, "temperature", unit)
        else:
            text = " ".join(part for part in (group, title) if part)
            unparsed.append(Unparsed(f"line {line}", text, "not of a channel's oxygen"))
            continue
        found.setdefault(f"Ch {channel[1]}", []).append(column)
    parts = tuple(
        Part(channel, "", clock, tuple(columns))
        for channel, columns in found.items()
        if any(one.quantity == "oxygen" for one in columns)
    )
    if not parts:
        raise ChipDataError(
            "column_missing", locator=f"line {line}", found="no group of oxygen columns",
            expected="'Oxygen' above the columns Ch1, Ch2, …",
            remedy="export the log again with its title lines",
        )  # fmt: skip
    return parts, unparsed
