"""Olink rows to measurements of normalised protein expression."""

import math
from collections.abc import Mapping
from dataclasses import replace

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.assay import NPX, Assay, Spot
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError, one_of
from skinmech_chip_adapters.instruments.olink.reader import Project
from skinmech_chip_adapters.placement import well_of
from skinmech_chip_adapters.readers import Cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.sidecar import Sidecar

_QC = ("QC_Warning", "Assay_Warning", "SampleQC", "AssayQC")
_PASSED = ("", "PASS", "NA", "N/A")
_WARNED = ("WARN", "WARNING", "MANUAL_WARN")
_FAILED = ("FAIL", "EXCLUDED")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """NPX of every mapped sample and assay."""
    project: Project = parsed.tables
    table = project.table
    assay = Assay(parsed, sidecar, entry, method="Olink PEA")
    last = table.rows[-1][0] if table.rows else 0
    for number, row in table.rows:
        if row.get("AssayType", "").lower() not in ("", "assay"):
            assay.controls += 1
            continue
        where = f"{project.unit} {number}"
        with assay.problems.collect(locator=f"{where}, column 'NPX'"):
            cut = number == last and not table.ends
            _value(row, where, assay, Flag.UNVERIFIED_END if cut else Flag(0))
    return assay.records(rows=len(table.rows), whole=project.is_whole, partial=table.is_cut)


def _value(row: Mapping[str, str], where: str, assay: Assay, flags: Flag) -> None:
    qc = _quality(row)
    cell = _above_detection(assay.cell(row["NPX"]), row, assay)
    if qc == Censor.FAILED and cell.censor in (Censor.NONE, Censor.LEFT):
        cell = replace(censored(cell.raw, Censor.FAILED), raw=f"{cell.raw} (quality control)")
    if qc != Censor.NONE:
        flags |= Flag.VENDOR_WARNING
    name = row["OlinkID"] if row["OlinkID"] in assay.entry.analytes else row.get("Assay", "")
    kind = row.get("SampleType", "") or row.get("Sample_Type", "")
    well = row.get("WellID", "")
    spot = Spot(
        where=where, well=well_of(well, where) if well else "", sample=row["SampleID"],
        analyte=name or row["OlinkID"], plate=row.get("PlateID", ""),
        is_sample=kind.upper() in ("", "SAMPLE"),
    )  # fmt: skip
    normalization, panel = row.get("Normalization", ""), row.get("Panel", "")
    assay.add(
        spot, NPX, cell, flags=int(flags),
        note=f"normalization {normalization}" if normalization else "",
        method=assay.entry.method or f"Olink PEA {panel}".strip(),
    )  # fmt: skip


def _quality(row: Mapping[str, str]) -> Censor:
    """`NONE` for passed, `MISSING` for a warning, `FAILED` for failed or excluded.

    Raises:
        ChipDataError: `unknown_word`.
    """
    worst = Censor.FAILED if row.get("Normalization", "").upper() == "EXCLUDED" else Censor.NONE
    for title in _QC:
        word = row.get(title, "").upper()
        if word in _FAILED:
            worst = Censor.FAILED
        elif word in _WARNED and worst == Censor.NONE:
            worst = Censor.MISSING
        elif word not in (*_PASSED, *_WARNED):
            raise ChipDataError(
                "unknown_word", found=f"{title} {word[:20]!r}",
                expected=one_of([*_PASSED[1:], *_WARNED, *_FAILED], word),
                remedy="correct the cell",
            )  # fmt: skip
    return worst


def _above_detection(cell: Cell, row: Mapping[str, str], assay: Assay) -> Cell:
    """The value, or left-censored at the limit of detection if it lies below."""
    limit = assay.cell(row.get("LOD", ""))
    if limit.censor != Censor.NONE or math.isnan(cell.value) or cell.value >= limit.value:
        return cell
    return replace(
        censored(cell.raw, Censor.LEFT, limit.value), raw=f"{cell.raw} (LOD {limit.raw})"
    )
