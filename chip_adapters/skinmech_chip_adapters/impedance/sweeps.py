"""Points of a frequency sweep, checked and made a spectrum; the impedance formats share it."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from skinmech_chip_adapters.adapter import Message
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import ChipDataError, Problems
from skinmech_chip_adapters.readers import Stamp
from skinmech_chip_adapters.schema import Flag, Spectrum, TimeQuality

# Magnitude and phase columns repeat real and imaginary part; rounding in an export with few digits
# stays well below this, a swapped column or a wrong sign does not.
AGREEMENT = 1e-2
_LONGEST = 1e10  # seconds; three centuries


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Points of one sweep in file order; NaN where the file has a word instead of a number.

    Attributes:
        frequency: In Hz, shape (points,).
        z: Complex impedance in ohm, a capacitor negative in the imaginary part, shape (points,).
        time: Since the instrument's own start in seconds, shape (points,).
        rows: Line (or other) number of each point, shape (points,).
        bad: True where a cell was unreadable, shape (points,).
    """

    frequency: np.ndarray
    z: np.ndarray
    time: np.ndarray
    rows: np.ndarray
    bad: np.ndarray


def polar(magnitude: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Complex impedance from magnitude and phase in radian, both of shape (points,)."""
    return magnitude * np.cos(phase) + 1j * (magnitude * np.sin(phase))


def check_redundant(points: Points, magnitude: np.ndarray | None, phase: np.ndarray | None) -> None:
    """Compare with stated magnitude (ohm) and phase (radian): a swapped column or sign shows here.

    Raises:
        ChipDataError: `inconsistent_row` with the first row that does not agree.
    """
    z, wrong = points.z, np.zeros(len(points.z), dtype=bool)
    with np.errstate(all="ignore"):
        if magnitude is not None:
            size = np.abs(z)
            wrong |= ~(np.abs(magnitude - size) <= AGREEMENT * size) & ~np.isnan(magnitude)
        if phase is not None:
            turn = np.angle(np.exp(1j * (phase - np.angle(z))))
            wrong |= ~(np.abs(turn) <= AGREEMENT) & ~np.isnan(phase)
    wrong &= ~np.isnan(z)
    if wrong.any():
        raise ChipDataError(
            "inconsistent_row", locator=f"line {points.rows[int(np.argmax(wrong))]}",
            found="real and imaginary part that do not give the stated magnitude or phase",
            expected="columns that agree, with a negative imaginary part for a capacitor",
            remedy="the file was edited or columns were swapped: export it again",
        )  # fmt: skip


def spectrum_of(
    points: Points, place: Place, locator: str, *, flags: int = 0, note: str = "", **columns: Any
) -> Spectrum:
    """A spectrum from points; rows at 0 Hz (direct current) and words are left out and counted.

    Args:
        points: Of one sweep.
        place: Chip, location, time of the file's first sweep.
        locator: Where in the file.
        flags: Added to those that follow from the points.
        note: Put before the remarks on points left out.
        **columns: Further columns of `Spectrum`; they take precedence over the place's.

    Raises:
        ChipDataError: `negative_frequency`, or `number_range` for an impedance beyond float64.
    """
    with np.errstate(all="ignore"):
        known = ~(np.isnan(points.frequency) | np.isnan(points.z))
    if (points.frequency[known] < 0).any():
        raise ChipDataError(
            "negative_frequency", locator=locator, found="a frequency below zero",
            expected="zero or more", remedy="correct the file by its source",
        )  # fmt: skip
    kept = known & (points.frequency > 0)
    z = points.z[kept]
    if not np.isfinite(z).all():
        raise ChipDataError(
            "number_range", locator=locator, found="an impedance that float64 cannot hold",
            expected="a finite impedance", remedy="correct the file by its source",
        )  # fmt: skip
    currents, words = int((known & ~kept).sum()), int((~known).sum())
    remarks = [place.note, note]
    remarks += [f"{currents} rows at 0 Hz left out"] if currents else []
    remarks += [f"{words} rows without a value left out"] if words else []
    flags |= Flag.BAD_ROW if points.bad.any() or words else 0
    flags |= Flag.NEGATIVE_REAL if (np.real(z) < 0).any() else 0
    merged: dict[str, Any] = {
        "chip_id": place.chip,
        "location": place.location,
        "time_s": place.time_s,
        "technical_replicate": place.technical_replicate,
        "excluded": place.excluded,
        **columns,
    }
    return Spectrum(
        frequency_Hz=_frozen(points.frequency[kept]),
        z_ohm=_frozen(z),
        point_time_s=_frozen(points.time[kept]),
        flags=int(flags),
        note="; ".join(one for one in remarks if one),
        source_locator=locator,
        **merged,
    )


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def stamp_columns(stamp: Stamp | None, elapsed: float = 0.0) -> dict[str, Any]:
    """Columns that follow from the date of the file's start and the seconds since then.

    Raises:
        ChipDataError: `time_range` for a time that cannot be.
    """
    if stamp is None:
        return {"time_quality": TimeQuality.ABSENT}
    elapsed = 0.0 if math.isnan(elapsed) else elapsed
    if not abs(elapsed) < _LONGEST:
        raise ChipDataError(
            "time_range", found=f"{elapsed:g} s since the start", expected="less than 300 years",
            remedy="correct the file by its source",
        )  # fmt: skip
    utc = ""
    if stamp.utc is not None:
        utc = (stamp.utc + timedelta(seconds=elapsed)).isoformat()
    text = f"{stamp.text} + {elapsed:g} s" if elapsed else stamp.text
    return {"timestamp_text": text, "timestamp_utc": utc, "time_quality": stamp.quality}


def scans(frequency: np.ndarray) -> list[slice]:
    """Points of each scan where a file repeats one list of frequencies.

    A scan ends where the first frequency comes again.
    """
    again = np.flatnonzero(frequency == frequency[0]) if len(frequency) else []
    starts = [int(one) for one in again]
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(frequency)], strict=True)]


def check_expected(what: str, found: int, entry: FileEntry, problems: Problems) -> bool:
    """Compare a number with the declared one; True if one is declared."""
    if what in entry.expected and found != entry.expected[what]:
        problems.add(
            "cut_file", found=f"{found} {what}", expected=f"{entry.expected[what]} as declared",
            remedy="export the file again, or correct the declaration",
        )  # fmt: skip
    return what in entry.expected


def unverified_end(declaration: str) -> Message:
    """Remark that nothing in the file confirms its size, and what to declare."""
    return Message(
        level="info",
        code="unverified_end",
        text=f"the format has no end mark; declare expected = {{ {declaration} }} to have the "
        "size of the file checked",
    )


def well_remarks(wells: int, skipped: int, entry: FileEntry) -> list[Message]:
    """Remarks on wells that share a chip because nobody declared a map, or that it leaves out."""
    messages = []
    if entry.well_map is None and wells > 1:
        text = (
            f"{wells} wells were all given to chip {entry.place.chip!r}; declare a well_map if "
            "they are different chips"
        )
        messages.append(Message(level="warning", code="well_map_missing", text=text))
    if skipped:
        text = f"{skipped} wells are not in the well map"
        messages.append(Message(level="info", code="unmapped_skipped", text=text))
    return messages
