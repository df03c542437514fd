"""EC-Lab columns to spectra, one for each loop or cycle."""

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.impedance.sweeps import (
    Points,
    check_expected,
    check_redundant,
    spectrum_of,
    stamp_columns,
    unverified_end,
)
from skinmech_chip_adapters.instruments.biologic_mpt.reader import Run
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, read_stamps
from skinmech_chip_adapters.schema import Flag, Spectrum
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion

_STARTED = re.compile(r"Acquisition started on\s*:\s*(?P<stamp>.+?)\s*")
_AMPLITUDE = re.compile(r"(?P<key>Va|Ia)\s*\((?P<unit>[^()]+)\)\s+(?P<value>\S+)\s*")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One spectrum for each loop that the header lists, else for each cycle number.

    A time declared for the file is that of the start of the acquisition.
    """
    run: Run = parsed.tables
    problems, messages = Problems(), []
    sweeps = _sweeps(run)
    verified = _check_size(run, sweeps, entry, problems)
    stamp: Stamp | None = None
    with problems.collect():
        stamp = _stamp(run, entry)
    place = Placement(sidecar, entry, problems).file()
    problems.raise_if_any()
    if place is None:
        return Records()
    spectra: list[Spectrum] = []
    for number, part in enumerate(sweeps, 1):
        with problems.collect(locator=f"sweep {number}"):
            spectra.append(_spectrum(run, number, part, stamp, place))
    problems.raise_if_any()
    for one in spectra:
        if len(set(one.frequency_Hz.tolist())) < len(one.frequency_Hz):
            text = "a frequency occurs twice; kept in file order as one sweep"
            messages.append(
                Message(
                    level="warning", code="frequency_repeated", locator=one.source_locator,
                    text=text,
                )
            )  # fmt: skip
    if spectra and not verified:
        spectra[-1] = replace(spectra[-1], flags=spectra[-1].flags | int(Flag.UNVERIFIED_END))
        messages.append(unverified_end("sweeps = …, points = …"))
    return Records(spectra=tuple(spectra), messages=tuple(messages))


def _sweeps(run: Run) -> list[slice]:
    """Rows of each sweep."""
    count = len(run.rows)
    if run.loops:
        parts = [slice(first, min(last + 1, count)) for first, last in run.loops]
        parts += [slice(run.loops[-1][1] + 1, count)]
        return [one for one in parts if one.start < one.stop]
    if "cycle" not in run.columns or not count:
        return [slice(0, count)] if count else []
    cycle = run.columns["cycle"].values
    starts = [0, *(int(one) + 1 for one in np.flatnonzero(np.diff(cycle) != 0))]
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], count], strict=True)]


def _check_size(run: Run, sweeps: list[slice], entry: FileEntry, problems: Problems) -> bool:
    """True if the header's loops or a declaration vouch for the number of rows."""
    declared = check_expected("sweeps", len(sweeps), entry, problems) or len(sweeps) == 1
    for number, part in enumerate(sweeps, 1):
        with problems.collect(locator=f"sweep {number}"):
            check_expected("points", part.stop - part.start, entry, problems)
    bounds = [0, *(last + 1 for _, last in run.loops)]
    if any(first != start for (first, _), start in zip(run.loops, bounds, strict=False)):
        problems.add(
            "inconsistent_header", locator="header", found="loops that do not follow each other",
            expected="each loop to start behind the one before", remedy="export the file again",
        )  # fmt: skip
    elif run.loops and len(run.rows) and bounds[-1] != len(run.rows):
        problems.add(
            "cut_file", found=f"{len(run.rows)} rows",
            expected=f"{bounds[-1]} rows as the loops in the header state",
            remedy="export the file again",
        )  # fmt: skip
    return bool(run.loops) or (declared and "points" in entry.expected)


def _stamp(run: Run, entry: FileEntry) -> Stamp | None:
    for number, line in enumerate(run.header, 1):
        match = _STARTED.fullmatch(line)
        if match:
            texts = [(f"line {number}", match["stamp"])]
            return read_stamps(texts, entry.date_order, entry.timezone)[0][0]
    return None


def _spectrum(run: Run, number: int, part: slice, stamp: Stamp | None, place: Place) -> Spectrum:
    def column(name: str, unit: str) -> np.ndarray:
        if name not in run.columns:
            return np.full(part.stop - part.start, np.nan)
        return run.columns[name].values[part] * conversion(run.units[name], unit)[0]

    used = [one.bad[part] for name, one in run.columns.items() if name != "cycle"]
    points = Points(
        frequency=column("frequency", "Hz"),
        z=column("real", "ohm") - 1j * column("minus_imaginary", "ohm"),
        time=column("time", "s"),
        rows=run.rows[part],
        bad=np.any(used, axis=0),
    )
    direct = points.frequency == 0.0  # a direct-current row has no magnitude and phase to compare
    magnitude = np.where(direct, np.nan, column("magnitude", "ohm"))
    check_redundant(points, magnitude, np.where(direct, np.nan, column("phase", "radian")))
    since_start = float(points.time[0])
    columns: dict[str, Any] = {
        **stamp_columns(stamp, since_start),
        "time_s": place.time_s + (0.0 if math.isnan(since_start) else since_start),
        "excitation": _excitation(run.technique),
        "amplitude": _amplitude(run.header),
    }
    locator = f"sweep {number}, lines {points.rows[0]}-{points.rows[-1]}"
    return spectrum_of(points, place, locator, **columns)


def _excitation(technique: str) -> str:
    words = {"potentio": "potentiostatic", "galvano": "galvanostatic"}
    return next((text for word, text in words.items() if technique.lower().startswith(word)), "")


def _amplitude(header: tuple[str, ...]) -> str:
    for line in header:
        match = _AMPLITUDE.fullmatch(line)
        if match:
            return f"{match['value']} {match['unit']}"
    return ""
