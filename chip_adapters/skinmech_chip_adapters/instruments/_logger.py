"""What logger formats share: the degree sign as evidence of an encoding, and columns to series."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from skinmech_chip_adapters.adapter import Message
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.observables import OBSERVABLES
from skinmech_chip_adapters.readers import Cell, Stamp, Text, decode, parse_cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag, Series, TimeQuality
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import canonical_unit, conversion

# A degree sign as these programs write it: before C, or alone as the unit of a phase.
_LATIN = re.compile(rb"(?<!\xc2)\xb0(?=C\b|[\])];?|;|\t)")
_MAC = re.compile(rb"\xa1(?=C\b|[\])];?|;|\t)")

# Spellings of the makers for units that the table of units knows under another one.
_UNIT_ALIASES = {
    "% air sat": "% air sat.",
    "%air sat": "%air sat.",
    "[%] O2": "% O2",
    "hPa (mbar)": "hPa",
    "hPa(mbar)": "hPa",
    "mmHg (Torr)": "Torr",
    "mg/l (ppm)": "mg/L",
    "mg/L (ppm)": "mg/L",
    "ug/l (ppb)": "ug/L",
}
OXYGEN_MOLAR_MASS = 31.998  # g/mol; O2 with the conventional atomic weight of oxygen, 15.999
_MASS_PER_LITRE = {"g/L": 1.0, "mg/L": 1e-3, "ug/L": 1e-6}  # in g/L
_OXYGEN = {
    "percent_air_saturation": "o2_air_saturation",
    "percent_oxygen": "o2_fraction",
    **dict.fromkeys(("Pa", "kPa", "mbar", "bar", "mmHg"), "po2"),
    **dict.fromkeys(("mol/L", "mmol/L", "umol/L", "nmol/L", "pmol/L"), "o2"),
}


def decode_log(content: bytes, declared: str) -> Text:
    """Decode a logger's text; a single-byte encoding is told by where its degree sign lies.

    Raises:
        ChipDataError: As `decode`, if neither the bytes nor the degree sign tell the encoding.
    """
    try:
        return decode(content, declared)
    except ChipDataError as error:
        if error.code != "unknown_encoding" or declared or b"\xc2\xb0" in content:
            raise
        latin, mac = bool(_LATIN.search(content)), bool(_MAC.search(content))
        if latin == mac:
            raise
        windows = re.search(rb"[\x80-\x9f]", content) is not None
        return decode(content, "mac_roman" if mac else "cp1252" if windows else "latin-1")


def oxygen_quantity(unit: str) -> tuple[str, str, float]:
    """Observable and unit of an oxygen reading in the maker's unit text, and a factor to that unit.

    The factor is one, but for a mass per volume, which becomes an amount per volume.

    Raises:
        ChipDataError: `unknown_unit`, or `unit_unsupported` where the conversion would need the
            temperature, pressure and salinity of the sample.
    """
    name = canonical_unit(_UNIT_ALIASES.get(unit.strip(), unit.strip()))
    if name in _MASS_PER_LITRE:
        return "o2", "mol/L", _MASS_PER_LITRE[name] / OXYGEN_MOLAR_MASS
    if name not in _OXYGEN:
        raise ChipDataError(
            "unit_unsupported", found=f"oxygen in {unit!r}",
            expected="% air saturation, % O2, a pressure, or an amount or mass per volume",
            remedy="export the log in one of these units",
        )  # fmt: skip
    return _OXYGEN[name], name, 1.0


@dataclass(slots=True)
class CellReader:
    """Reads number cells of one file; with `keep_flagged` a bad one becomes a failed value.

    Attributes:
        decimal: Decimal sign of the file.
        entry: The file's entry in the side-car.
        messages: Where kept bad cells are noted.
    """

    decimal: str
    entry: FileEntry
    messages: list[Message] = field(default_factory=list)

    def cell(self, raw: str, locator: str) -> Cell:
        """The cell's value and state."""
        try:
            return parse_cell(raw, self.decimal, self.entry.sentinels)
        except ChipDataError as error:
            error = error.at(locator=locator)
            if self.entry.on_bad_row == "error":
                raise error from None
            self.messages.append(
                Message(level="error", code=error.code, locator=locator, text=str(error))
            )
            failed = censored(raw, Censor.FAILED)
            return Cell(failed.value, failed.censor, math.nan, math.nan, int(Flag.BAD_ROW), raw)

    def number(self, raw: str, locator: str) -> float:
        """A number that has to be there."""
        cell = parse_cell(raw, self.decimal, self.entry.sentinels)
        if cell.censor != Censor.NONE:
            raise ChipDataError("empty_cell", locator=locator, found=f"{raw[:40]!r}",
                                expected="a number")  # fmt: skip
        return cell.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One column of a logger.

    Attributes:
        name: Its title.
        unit: The file's unit, in any known spelling.
        factor: What the numbers are multiplied by to be in `unit`.
        cells: One for each row.
        status: The logger's word for each row, or empty texts; a word other than "nothing wrong".
    """

    name: str
    observable: str
    unit: str
    cells: Sequence[Cell]
    factor: float = 1.0
    status: Sequence[str] = ()
    note: str = ""
    method: str = ""


def times_of(
    elapsed: np.ndarray, stamps: Sequence[Stamp], place: Place, sidecar: Sidecar
) -> np.ndarray:
    """Seconds since the chip's t0 of every row.

    Args:
        elapsed: Seconds on the logger's own clock, shape (rows,).
        stamps: Date and time of every row.
        place: Place of the channel; its time, if declared, is when the own clock was at zero.
        sidecar: Holds t0 of the chip.

    Raises:
        ChipDataError: `time_unknown`.
    """
    if not math.isnan(place.time_s):
        return elapsed + place.time_s
    chip = sidecar.chip(place.chip)
    if chip is not None and chip.t0_utc and stamps and all(one.utc for one in stamps):
        start = datetime.fromisoformat(chip.t0_utc)
        return np.array([(one.utc - start).total_seconds() for one in stamps if one.utc])
    if not len(elapsed):
        return elapsed
    raise ChipDataError(
        "time_unknown", found=f"no time since t0 for the log of chip {place.chip!r}",
        expected="time = … of the logger's start; or the file's timezone and the chip's t0",
        remedy="declare either in the side-car",
    )  # fmt: skip


def series_of(
    channel: Channel, times: np.ndarray, quality: TimeQuality, place: Place, flags: int
) -> Series:
    """A column as a series in its canonical unit; words in place of a number go to the status."""
    unit = OBSERVABLES[channel.observable].unit
    factor, offset = conversion(channel.unit, unit)
    words = channel.status or [""] * len(channel.cells)
    status = np.empty(len(channel.cells), dtype=object)
    status[:] = [
        word or (cell.raw if cell.censor != Censor.NONE else "")
        for cell, word in zip(channel.cells, words, strict=True)
    ]
    values = np.array([cell.value for cell in channel.cells], dtype=np.float64)
    if channel.factor != 1.0:
        values = values * channel.factor
    values = values * factor + offset
    for cell in channel.cells:
        flags |= cell.flags
    if any(words):
        flags |= int(Flag.VENDOR_WARNING)
    if (np.diff(times) == 0).any():
        flags |= int(Flag.DUPLICATE)
    times = times.copy()
    for array in (times, values, status):
        array.flags.writeable = False
    return Series(
        time_s=times, value=values, status_text=status, channel=channel.name, chip_id=place.chip,
        location=place.location, observable=channel.observable, unit=unit, flags=flags,
        method=channel.method, time_quality=quality, source_locator=f"column {channel.name!r}",
        note="; ".join(part for part in (channel.note, place.note) if part),
    )  # fmt: skip


def clock_messages(elapsed: np.ndarray, stamps: Sequence[Stamp], tolerance: float) -> list[Message]:
    """Warnings where times do not rise, repeat, or the two clocks of a log drift apart."""
    found = []
    steps = np.diff(elapsed)
    if (steps < 0).any():
        row = int(np.argmax(steps < 0)) + 2
        found.append(("time_goes_back", f"the time of row {row} lies before that of the row above"))
    if (steps == 0).any():
        row = int(np.argmax(steps == 0)) + 2
        found.append(("duplicate_time", f"row {row} has the same time as the row above; flagged"))
    if len(stamps) == len(elapsed) and len(stamps) > 1:
        wall = np.array([(one.local - stamps[0].local).total_seconds() for one in stamps])
        apart = np.abs(wall - (elapsed - elapsed[0]))
        if apart.max() > tolerance:
            row = int(np.argmax(apart > tolerance)) + 1
            found.append(
                ("clocks_disagree", f"from row {row} on, date and elapsed time differ by up to "
                 f"{apart.max():.0f} s; the computer's clock was changed, or rows were edited")
            )  # fmt: skip
    return [Message(level="warning", code=code, text=text) for code, text in found]


def unverified_message(what: str) -> Message:
    """Why the end of a file is flagged."""
    return Message(
        level="info", code="unverified_end",
        text=f"{what}; declare expected = {{ rows = … }} to have the size of the file checked",
    )  # fmt: skip


def check_rows(found: int, entry: FileEntry) -> bool:
    """True if the side-car vouches for the number of rows.

    Raises:
        ChipDataError: `cut_file` if it states another one.
    """
    if "rows" not in entry.expected:
        return False
    if entry.expected["rows"] != found:
        raise ChipDataError(
            "cut_file", found=f"{found} rows", expected=f"{entry.expected['rows']} rows",
            remedy="export the file again, or correct expected.rows in the side-car",
        )  # fmt: skip
    return True


def refuse_row(
    line: int, found: str, expected: str, entry: FileEntry, messages: list[Message]
) -> None:
    """Refuse a row that is cut: raised, or noted where the side-car keeps what is whole.

    Raises:
        ChipDataError: `cut_row`.
    """
    problem = ChipDataError(
        "cut_row", locator=f"line {line}", found=found, expected=expected,
        remedy="the file is cut or was edited: export it again",
    )  # fmt: skip
    if entry.on_bad_row == "error":
        raise problem
    text = f"row refused: {found}"
    messages.append(Message(level="error", code="cut_row", locator=problem.locator, text=text))
