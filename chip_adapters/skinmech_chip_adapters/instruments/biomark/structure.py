"""BioMark chambers to measurements of the quantification cycle."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.assay import CQ, Assay, Spot
from skinmech_chip_adapters.cycles import declared_cycles, within_run
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.instruments.biomark.reader import Array
from skinmech_chip_adapters.readers import Cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.sidecar import Sidecar

_CHAMBER = re.compile(r"S(?P<sample>\d{1,4})-A(?P<assay>\d{1,4})", re.ASCII)
# Sample and assay inlets of the arrays that are made; a full grid of another shape may be cut.
_SHAPES = ((48, 48), (96, 96), (192, 24), (24, 192))
_SAMPLES = ("", "unknown")
_CONTROLS = (
    *("standard", "ntc", "nrt", "blank", "control", "positive", "negative", "reference"),
    *("calibrator", "empty", "none"),
)
_NOTHING = "999"  # written where the software found no cycle


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Quantification cycle of every mapped sample and assay."""
    array: Array = parsed.tables
    assay = Assay(parsed, sidecar, entry, method="qPCR", words={_NOTHING: Censor.FAILED})
    cycles = math.nan
    with assay.problems.collect():
        cycles = declared_cycles(entry)
    whole, full = _check_grid(array, assay)
    last = array.table.rows[-1][0] if array.table.rows else 0
    mapped = entry.well_map or {}
    for number, row in array.table.rows:
        where = f"line {number}"
        with assay.problems.collect(locator=f"{where}, column 'Ct Value'"):
            chamber = row["Chamber ID"]
            inlet, name = chamber.partition("-")[0], row["Sample Name"]
            spot = Spot(
                where=where, sample=inlet if f"sample:{inlet}" in mapped else name or inlet,
                analyte=row["Assay Name"],
                is_sample=_is_sample(row.get("Sample Type", "")),
            )  # fmt: skip
            cell = within_run(_called(row, assay), cycles)
            cut = number == last and not array.table.ends
            threshold = row.get("Ct Threshold", "")
            assay.add(
                spot, CQ, cell, flags=int(Flag.UNVERIFIED_END) if cut else 0, well=chamber,
                note=f"threshold {threshold}" if threshold else "",
            )  # fmt: skip
    partial = array.table.is_cut or (not full and entry.on_bad_row == "keep_flagged")
    return assay.records(
        rows=len(array.table.rows), whole=whole and array.table.ends, partial=partial
    )


def _is_sample(kind: str) -> bool:
    """Whether a sample type is that of a sample; a word that is none would drop it in silence.

    Raises:
        ChipDataError: `unknown_word`.
    """
    if kind.lower() not in (*_SAMPLES, *_CONTROLS):
        raise ChipDataError(
            "unknown_word", found=f"sample type {kind[:20]!r}",
            expected=one_of((*_SAMPLES[1:], *_CONTROLS), kind), remedy="correct the cell",
        )  # fmt: skip
    return kind.lower() in _SAMPLES


def _called(row: Mapping[str, str], assay: Assay) -> Cell:
    """The value with the state the software's call gives it.

    Raises:
        ChipDataError: `unknown_word` for a call that is none.
    """
    cell, call = assay.cell(row["Ct Value"]), row["Ct Call"]
    if call.lower() not in ("pass", "fail"):
        raise ChipDataError(
            "unknown_word", found=f"call {call[:20]!r}", expected="Pass or Fail",
            remedy="correct the cell",
        )  # fmt: skip
    if call.lower() == "fail" and cell.censor == Censor.NONE:
        return replace(censored(row["Ct Value"], Censor.FAILED), raw=f"{cell.raw} ({call})")
    return cell


def _check_grid(array: Array, assay: Assay) -> tuple[bool, bool]:
    """Whether nothing was cut off, as the shape of the array shows, and whether the grid is full.

    Every pair of inlets, which are numbered from 1, must be there once; else it is a problem.
    """
    seen: dict[tuple[int, int], int] = {}
    for number, row in array.table.rows:
        match = _CHAMBER.fullmatch(row["Chamber ID"])
        if match is None:
            assay.problems.add(
                "not_a_well", locator=f"line {number}", found=f"chamber {row['Chamber ID'][:20]!r}",
                expected="a chamber such as 'S48-A01'", remedy="correct the cell",
            )  # fmt: skip
            continue
        pair = int(match["sample"]), int(match["assay"])
        if pair in seen:
            assay.problems.add(
                "duplicate_well", locator=f"lines {seen[pair]} and {number}",
                found=f"chamber {row['Chamber ID'][:20]} twice", expected="each once",
                remedy="split the file by run",
            )  # fmt: skip
        seen[pair] = number
    samples = max((pair[0] for pair in seen), default=0)
    assays = max((pair[1] for pair in seen), default=0)
    if len(seen) == samples * assays:
        return (samples, assays) in _SHAPES, True
    if assay.entry.on_bad_row == "error" and not assay.problems.found:
        assay.problems.add(
            "cut_file", locator=f"line {array.table.rows[-1][0]}", found=f"{len(seen)} chambers",
            expected=f"{samples * assays} for {samples} sample and {assays} assay inlets",
            remedy='the file is cut: export it again, or declare on_bad_row = "keep_flagged"',
        )  # fmt: skip
    return False, False
