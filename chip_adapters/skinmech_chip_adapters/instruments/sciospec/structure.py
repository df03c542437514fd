"""A ScioSpec sweep to a spectrum."""

from dataclasses import replace

import numpy as np

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import Problems
from skinmech_chip_adapters.impedance.sweeps import (
    Points,
    check_expected,
    spectrum_of,
    stamp_columns,
    unverified_end,
)
from skinmech_chip_adapters.instruments.sciospec.reader import Sweep
from skinmech_chip_adapters.placement import Placement
from skinmech_chip_adapters.readers import Stamp, read_stamps
from skinmech_chip_adapters.schema import Flag
from skinmech_chip_adapters.sidecar import Sidecar
from skinmech_chip_adapters.units import conversion


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """The file's one spectrum; a well map may name the channel as its sample."""
    sweep: Sweep = parsed.tables
    problems, messages = Problems(), []
    count = len(sweep.rows)
    declared = check_expected("points", count, entry, problems)
    if sweep.ranges and sweep.ranges != count and count:
        problems.add(
            "cut_file", found=f"{count} points",
            expected=f"{sweep.ranges}, one for each measuring range in the header",
            remedy="export the file again",
        )  # fmt: skip
    stamp: Stamp | None = None
    with problems.collect():
        if sweep.stamp:
            texts = [(f"line {sweep.stamp_line}", sweep.stamp)]
            stamp = read_stamps(texts, entry.date_order, entry.timezone)[0][0]
    placement = Placement(sidecar, entry, problems)
    place = placement.of("", sweep.channel, "the channel")
    problems.raise_if_any()
    if place is None or not count:
        return Records()
    columns = {
        name: sweep.columns[name].values * conversion(sweep.units[name], unit)[0]
        for name, unit in (("frequency", "Hz"), ("real", "ohm"), ("imaginary", "ohm"))
    }
    points = Points(
        frequency=columns["frequency"],
        z=columns["real"] + 1j * columns["imaginary"],
        time=np.full(count, np.nan),
        rows=sweep.rows,
        bad=np.any([one.bad for one in sweep.columns.values()], axis=0),
    )
    spectrum = spectrum_of(
        points,
        place,
        f"lines {sweep.rows[0]}-{sweep.rows[-1]}",
        note=f"channel {sweep.channel}" if sweep.channel else "",
        **stamp_columns(stamp),
    )
    if not declared and not sweep.ranges:
        spectrum = replace(spectrum, flags=spectrum.flags | int(Flag.UNVERIFIED_END))
        messages.append(unverified_end("points = …"))
    steps = np.diff(spectrum.frequency_Hz)
    if (steps > 0).any() and (steps < 0).any():
        text = "the frequencies neither rise nor fall throughout; kept in file order"
        messages.append(Message(level="info", code="frequency_order", text=text))
    return Records(spectra=(spectrum,), messages=tuple(messages))
