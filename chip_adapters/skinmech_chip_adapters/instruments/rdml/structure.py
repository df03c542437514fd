"""RDML reactions to measurements of the quantification cycle."""

import math

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.assay import CQ, Assay, Spot
from skinmech_chip_adapters.cycles import agreed_cycles, declared_cycles, within_run
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.rdml.reader import Reaction
from skinmech_chip_adapters.readers import Cell, Stamp, normal_well, parse_number
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor
from skinmech_chip_adapters.sidecar import Sidecar


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Quantification cycle of every mapped reaction and target."""
    reactions: tuple[Reaction, ...] = parsed.tables
    assay = Assay(parsed, sidecar, entry, method="qPCR")
    stated = math.nan
    with assay.problems.collect():
        stated = declared_cycles(entry)
    stamps = _stamps(reactions, assay)
    several = len({one.run for one in reactions}) > 1
    for one in reactions:
        where = f"run {one.run!r}, react {one.identifier!r}, target {one.target!r}"
        with assay.problems.collect(locator=where):
            spot = Spot(
                where=where, well=_well(one.well), sample=one.sample, analyte=one.target,
                plate=one.run if several else "", is_sample=one.kind in ("", "unkn"),
            )  # fmt: skip
            cell = _cell(one, assay, stated)
            assay.add(
                spot, CQ, cell, stamp=stamps.get(one.run), well=spot.well or one.identifier,
                note=f"excluded in the file: {one.excluded}" if one.excluded else "",
                excluded=bool(one.excluded),
            )  # fmt: skip
    return assay.records(rows=len(reactions), whole=True)


def _stamps(reactions: tuple[Reaction, ...], assay: Assay) -> dict[str, Stamp]:
    dates = {one.run: one.date for one in reactions if one.date}
    stamps = assay.stamps([(f"run {run!r}", text) for run, text in dates.items()])
    return dict(zip(dates, stamps, strict=False))


def _well(text: str) -> str:
    try:
        return normal_well(text) if text else ""
    except ChipDataError:
        return ""  # the identifier of a reaction need not be a well


def _cell(one: Reaction, assay: Assay, stated: float) -> Cell:
    """The cycle; `-1` and `NaN` say that there is none up to the last one."""
    cell = assay.cell(one.cq)
    shown = max((parse_number(text) for text in one.cycles), default=math.nan)
    # A curve that ends before its own cycle was shortened, and does not show the last one.
    cycles = agreed_cycles(stated, math.nan if cell.value > shown else shown)
    nothing = cell.value == -1 or one.cq.lower() == "nan"
    if not nothing or one.cq in assay.entry.sentinels:
        return within_run(cell, cycles)
    if math.isnan(cycles):
        return censored(one.cq, Censor.MISSING)
    return censored(one.cq, Censor.RIGHT, cycles)
