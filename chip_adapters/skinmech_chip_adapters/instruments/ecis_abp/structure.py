"""ECIS rows to spectra, one for each well and time."""

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.impedance.sweeps import (
    Points,
    check_expected,
    spectrum_of,
    stamp_columns,
    unverified_end,
    well_remarks,
)
from skinmech_chip_adapters.instruments.ecis_abp.reader import Recording
from skinmech_chip_adapters.instruments.ecis_abp.sections import (
    numbers_in,
    places_of,
    start_of,
    well_names,
)
from skinmech_chip_adapters.readers import Stamp
from skinmech_chip_adapters.schema import Flag, Spectrum
from skinmech_chip_adapters.sidecar import Sidecar

_HOUR = 3600.0


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One spectrum for each row of a mapped well.

    A time declared for the file is that of the start of the recording (hour 0).
    """
    table: Recording = parsed.tables
    problems, messages = Problems(), _resampling(table)
    wells = _wells(table)
    counted = check_expected("sweeps", len(table.rows), entry, problems)
    check_expected("wells", len(wells), entry, problems)
    check_expected("points", len(table.frequency), entry, problems)
    _check_rows(table, problems)
    partial = _last_time_short(table, wells, messages, problems)
    _check_times(table, problems)
    start: Stamp | None = None
    with problems.collect(locator="[ECIS_Parameters] Date"):
        start = start_of(table.keys, entry)
    names = well_names(wells, table.keys)
    places, _, skipped = places_of(names, sidecar, entry, problems)
    problems.raise_if_any()
    spectra: list[Spectrum] = []
    for row, well in enumerate(table.wells):
        place = places[well]
        if place is not None:
            with problems.collect(locator=f"line {table.rows[row]}"):
                spectra.append(_spectrum(table, row, names[well] or well, start, place))
    problems.raise_if_any()
    verified = table.has_trailer or counted
    messages += well_remarks(len(wells), skipped, entry)
    if partial:
        spectra = [replace(one, flags=one.flags | int(Flag.PARTIAL_SOURCE)) for one in spectra]
    elif spectra and not verified:
        messages.append(unverified_end("sweeps = … (wells times time points)"))
        last = spectra[-1].time_s, spectra[-1].timestamp_text
        spectra = [
            replace(one, flags=one.flags | int(Flag.UNVERIFIED_END))
            if repr((one.time_s, one.timestamp_text)) == repr(last)
            else one
            for one in spectra
        ]
    return Records(spectra=tuple(spectra), messages=tuple(messages))


def _wells(table: Recording) -> list[str]:
    """Well numbers that the parameters list, else those of the rows."""
    listed = [str(int(one)) for one in numbers_in(table.keys.get("Wells", "")) if _is_count(one)]
    return listed or sorted(set(table.wells), key=int)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5


def _resampling(table: Recording) -> list[Message]:
    """The trailer says whether the vendor's software has resampled the times."""
    lines = [line for line in table.trailer if line.startswith(("Original", "Resampled"))]
    if not lines:
        return []
    text = "resampled by the vendor's software: " + "; ".join(lines)
    return [Message(level="info", code="resampled", locator="[Comments]", text=text)]


def _check_rows(table: Recording, problems: Problems) -> None:
    wells, seen = set(_wells(table)), {}
    for row, key in enumerate(zip(table.index.tolist(), table.wells, strict=True)):
        if key[1] not in wells:
            problems.add(
                "undeclared_well", locator=f"line {table.rows[row]}",
                found=f"a row of well {key[1]}", expected="the wells that the key Wells lists",
                remedy="the file is damaged: export it again",
            )  # fmt: skip
        if seen.setdefault(key, row) != row:
            problems.add(
                "duplicate_well",
                locator=f"lines {table.rows[seen[key]]} and {table.rows[row]}",
                found=f"well {key[1]} twice at time point {key[0]}", expected="each once",
                remedy="the file is damaged: export it again",
            )  # fmt: skip


def _last_time_short(
    table: Recording, wells: list[str], messages: list[Message], problems: Problems
) -> bool:
    """True if only the last time point lacks wells: the end of the file is cut off."""
    if not len(table.rows):
        return False
    counts: dict[int, int] = defaultdict(int)
    for one in table.index.tolist():
        counts[one] += 1
    last = int(table.index[-1])
    short = False
    for index in (
        range(min(counts), max(counts) + 1) if max(counts) < 2 * len(table.rows) else counts
    ):
        if counts.get(index, 0) == len(wells):
            continue
        found = f"{counts.get(index, 0)} wells at time point {index}"
        if index == last and not table.has_trailer:
            short = True
            text = f"{found}, {len(wells)} are listed: the end of the file is missing"
            messages.append(Message(level="error", code="file_incomplete", text=text))
        else:
            problems.add("cut_file", found=found, expected=f"{len(wells)} as the key Wells lists",
                         remedy="export the file again")  # fmt: skip
    stated = [line for line in table.trailer if line.startswith("Resampled Number of Time Points")]
    for line in stated:
        count = line.rpartition(":")[2].strip()
        if _is_count(count) and int(count) != len(counts):
            problems.add("cut_file", locator="[Comments]", found=f"{len(counts)} time points",
                         expected=f"{count} as the trailer states",
                         remedy="export the file again")  # fmt: skip
    return short


def _check_times(table: Recording, problems: Problems) -> None:
    """Times must be numbers that do not go back within a well."""
    before: dict[str, float] = {}
    for row, well in enumerate(table.wells):
        hour = float(table.hours[row])
        if math.isnan(hour) or hour < before.get(well, -math.inf):
            problems.add(
                "time_range", locator=f"line {table.rows[row]}",
                found="a time that is no number, or earlier than the one before",
                expected="hours that rise within a well", remedy="export the file again",
            )  # fmt: skip
        before[well] = hour


def _spectrum(table: Recording, row: int, well: str, start: Stamp | None, place: Place) -> Spectrum:
    real = np.array([one.values[row] for one in table.real])
    imaginary = np.array([one.values[row] for one in table.imaginary])
    bad = [one.bad[row] for one in (*table.real, *table.imaginary)]
    elapsed = float(table.hours[row]) * _HOUR
    points = Points(
        frequency=table.frequency.copy(),
        z=real + 1j * imaginary,
        time=np.full(len(real), np.nan),
        rows=np.full(len(real), table.rows[row]),
        bad=np.array(bad, dtype=bool),
    )
    return spectrum_of(
        points,
        place,
        f"line {table.rows[row]}, time point {table.index[row]}, well {well}",
        well=well,
        time_s=place.time_s + elapsed,
        **stamp_columns(start, elapsed),
    )
