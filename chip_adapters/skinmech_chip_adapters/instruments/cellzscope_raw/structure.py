"""cellZscope blocks to spectra."""

from collections import Counter
from dataclasses import replace

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry, Place
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.impedance.sweeps import (
    Points,
    check_expected,
    polar,
    spectrum_of,
    stamp_columns,
    unverified_end,
    well_remarks,
)
from skinmech_chip_adapters.instruments.cellzscope_raw.reader import Block
from skinmech_chip_adapters.placement import Placement, well_of
from skinmech_chip_adapters.readers import Stamp, read_stamps
from skinmech_chip_adapters.schema import Flag, Spectrum
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """One spectrum for each complete block of a mapped well.

    A time declared for the file or well is that of the file's earliest spectrum; the others follow
    by their own dates. Without it the dates are used, once zone and t0 are known.
    """
    blocks: tuple[Block, ...] = parsed.tables
    problems = Problems()
    wells = [well_of(one.well, f"line {one.line}") for one in blocks]
    stamps = _stamps(blocks, entry, problems)
    _check_twice(blocks, wells, problems)
    counted = check_expected("sweeps", len(blocks), entry, problems)
    counted |= check_expected("wells", len(set(wells)), entry, problems) and _even(wells)
    complete, messages = _complete(blocks, entry, problems)
    partial = len(complete) < len(blocks) or _last_well_short(wells, messages)
    placement = Placement(sidecar, entry, problems)
    placed = _places(blocks, wells, placement)
    vouched = placement.check_complete() and len(set(wells)) > 1 and _even(wells)
    problems.raise_if_any()
    # The number of blocks vouches for the file; the length of a single one needs its own.
    sized = "points" in entry.expected or len(blocks) > 1
    verified = (counted or vouched) and sized and not partial
    start = min((one.local for one in stamps), default=None)
    spectra: list[Spectrum] = []
    for one in complete:
        place = placed.get(wells[one.number - 1])
        if place is None or not len(one.rows):
            continue
        stamp = stamps[one.number - 1]
        elapsed = (stamp.local - start).total_seconds() if start else 0.0
        with problems.collect(locator=f"well {one.well}, {one.run}"):
            spectra.append(_spectrum(one, wells[one.number - 1], stamp, place, elapsed))
    problems.raise_if_any()
    messages += _irregular(blocks, stamps) + _other_frequencies(complete)
    messages += well_remarks(len(set(wells)), placement.skipped, entry)
    if spectra and not verified and not partial:
        messages.append(unverified_end("sweeps = …, points = …"))
    mark = int(Flag.PARTIAL_SOURCE) if partial else 0
    spectra = [replace(one, flags=one.flags | mark) for one in spectra] if mark else spectra
    if spectra and not verified:
        spectra[-1] = replace(spectra[-1], flags=spectra[-1].flags | int(Flag.UNVERIFIED_END))
    return Records(spectra=tuple(spectra), messages=tuple(messages))


def _stamps(blocks: tuple[Block, ...], entry: FileEntry, problems: Problems) -> tuple[Stamp, ...]:
    with problems.collect():
        texts = [(f"line {one.stamp_line}", one.stamp) for one in blocks]
        return read_stamps(texts, entry.date_order, entry.timezone)[0]
    return ()


def _other_frequencies(blocks: list[Block]) -> list[Message]:
    """Remark on spectra whose frequencies differ from those of the first one."""
    listed = [one.columns["frequency"].values for one in blocks]
    return [
        Message(
            level="warning",
            code="frequency_differs",
            locator=f"well {one.well}, {one.run}",
            text="the frequencies differ from those of the first spectrum",
        )
        for one, frequency in zip(blocks, listed, strict=True)
        if not np.array_equal(frequency, listed[0])
    ]


def _irregular(blocks: tuple[Block, ...], stamps: tuple[Stamp, ...]) -> list[Message]:
    """Remark on a date far from those of the same run in other wells, which were measured with it.

    A run ends before the next one begins, so that its dates lie closer together than the runs do.
    """
    runs: dict[str, list[float]] = {}
    for one, stamp in zip(blocks, stamps, strict=True):
        since = (stamp.local - stamps[0].local).total_seconds()
        runs.setdefault(one.run, []).append(since)
    middles = np.sort([float(np.median(times)) for times in runs.values()])
    if len(middles) < 2:
        return []
    step = float(np.median(np.diff(middles)))
    return [
        Message(
            level="warning",
            code="date_irregular",
            locator=run,
            text=f"the dates of {run} in different wells are further apart than two runs",
        )
        for run, times in runs.items()
        if max(times) - min(times) > step
    ]


def _check_twice(blocks: tuple[Block, ...], wells: list[str], problems: Problems) -> None:
    seen: dict[tuple[str, str], Block] = {}
    for one, well in zip(blocks, wells, strict=True):
        first = seen.setdefault((well, one.run), one)
        if first is not one:
            problems.add(
                "duplicate_well", locator=f"lines {first.line} and {one.line}",
                found=f"well {well} and {one.run[:20]} twice", expected="each run of a well once",
                remedy="the file is damaged or was joined from two: export it again",
            )  # fmt: skip


def _complete(
    blocks: tuple[Block, ...], entry: FileEntry, problems: Problems
) -> tuple[list[Block], list[Message]]:
    """Blocks that are whole; the last one is refused if it is shorter than those before."""
    lengths = [len(one.rows) for one in blocks]
    if not any(lengths):
        return list(blocks), []
    wanted = entry.expected.get("points", max(lengths))
    complete, messages = list(blocks), []
    for one, length in zip(blocks, lengths, strict=True):
        if length == wanted:
            continue
        if one.number == len(blocks) > 1 and length < wanted:
            complete.remove(one)
            messages.append(
                Message(
                    level="error",
                    code="sweep_incomplete",
                    locator=f"line {one.line}",
                    text=f"the last spectrum (well {one.well}, {one.run}) has {length} of {wanted} "
                    "points and was refused; the spectra before it were kept",
                )
            )
        else:
            problems.add(
                "cut_file", locator=f"well {one.well}, {one.run}", found=f"{length} points",
                expected=f"{wanted} points as in the other spectra",
                remedy="export the file again",
            )  # fmt: skip
    return complete, messages


def _even(wells: list[str]) -> bool:
    return len(set(Counter(wells).values())) <= 1


def _last_well_short(wells: list[str], messages: list[Message]) -> bool:
    """True if the file's last well has fewer spectra than another one: the end is cut off."""
    counts = Counter(wells)
    if not wells or counts[wells[-1]] == max(counts.values()):
        return False
    messages.append(
        Message(
            level="error",
            code="file_incomplete",
            locator=f"well {wells[-1]}",
            text=f"the last well has {counts[wells[-1]]} spectra, another has "
            f"{max(counts.values())}: the end of the file is missing",
        )
    )
    return True


def _places(
    blocks: tuple[Block, ...], wells: list[str], placement: Placement
) -> dict[str, Place | None]:
    placed: dict[str, Place | None] = {}
    for one, well in zip(blocks, wells, strict=True):
        if well not in placed:
            placed[well] = placement.of(well, one.sample, f"line {one.line}")
    return placed


def _spectrum(block: Block, well: str, stamp: Stamp, place: Place, elapsed: float) -> Spectrum:
    columns = {
        name: block.columns[name].values * conversion(block.units[name], unit)[0]
        for name, unit in (("frequency", "Hz"), ("magnitude", "ohm"), ("phase", "radian"))
    }
    points = Points(
        frequency=columns["frequency"],
        z=polar(columns["magnitude"], columns["phase"]),
        time=np.full(len(block.rows), np.nan),
        rows=block.rows,
        bad=np.any([one.bad for one in block.columns.values()], axis=0),
    )
    locator = f"well {block.well}, {block.run}, lines {block.rows[0]}-{block.rows[-1]}"
    return spectrum_of(
        points, place, locator, well=well, time_s=place.time_s + elapsed, **stamp_columns(stamp)
    )
