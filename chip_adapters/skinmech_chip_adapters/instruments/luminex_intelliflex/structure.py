"""INTELLIFLEX rows to measurements of fluorescence."""

import math
from collections.abc import Mapping

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.assay import MFI, NET_MFI, Assay, Spot
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.instruments.luminex_intelliflex.reader import DATES, Plate
from skinmech_chip_adapters.placement import well_of
from skinmech_chip_adapters.readers import Stamp
from skinmech_chip_adapters.schema import Flag
from skinmech_chip_adapters.sidecar import Sidecar

_TARGETS = (("MEDIAN", MFI), ("NET MEDIAN", NET_MFI))
_SILENT = ("", "COMPLETED", "COMPLETE", "N/A")
_NO_NAME = ("", "NaN", "N/A")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Median and net median of every mapped well, region and reporter."""
    plate: Plate = parsed.tables
    assay = Assay(parsed, sidecar, entry, method="Luminex xMAP")
    stamps = _stamps(plate, assay)
    names = _names(plate, assay)
    for number, row in plate.table.rows:
        with assay.problems.collect(locator=f"line {number}"):
            well = well_of(row["WELL LOCATION"], f"line {number}")
            _well(number, well, row, plate, names, assay, stamps.get(number))
    wells = len(plate.table.rows)
    return assay.records(rows=wells, whole=False, partial=plate.table.is_cut)


def _stamps(plate: Plate, assay: Assay) -> dict[int, Stamp]:
    """Start of each row's plate; all dates of the file together show the order of day and month."""
    texts = [
        (f"line {number}, column {title!r}", row[title])
        for title in DATES
        for number, row in plate.table.rows
        if row.get(title, "N/A") not in ("", "N/A")
    ]
    stamps = assay.stamps(texts)
    started = [number for number, row in plate.table.rows
               if row.get("PLATE START", "N/A") not in ("", "N/A")]  # fmt: skip
    return dict(zip(started, stamps, strict=False))  # PLATE START is the first of DATES


def _names(plate: Plate, assay: Assay) -> dict[tuple[str, str], str]:
    """Analyte of each region and reporter; the region itself where the file names none."""
    names: dict[tuple[str, str], str] = {}
    for title, (region, reporter, statistic) in plate.groups.items():
        suffix = "" if reporter == "RP1" else f" {reporter}"
        names.setdefault((region, reporter), region + suffix)
        if statistic != "ANALYTE NAME":
            continue
        stated = sorted({row[title] for _, row in plate.table.rows} - set(_NO_NAME))
        if len(stated) > 1:
            assay.problems.add(
                "analyte_conflict", locator=f"column {title!r}",
                found=f"{stated[0][:40]!r} and {stated[1][:40]!r}",
                expected="one analyte for each region", remedy="export each panel to its own file",
            )  # fmt: skip
        if stated:
            names[region, reporter] = stated[0] + suffix
    return names


def _well(
    number: int, well: str, row: Mapping[str, str], plate: Plate,
    names: dict[tuple[str, str], str], assay: Assay, stamp: Stamp | None,
) -> None:  # fmt: skip
    is_sample = row.get("WELL TYPE", "")[:1].upper() in ("", "U")
    flags = Flag(0)
    if row.get("WELL STATUS", "").upper() not in _SILENT:
        flags |= Flag.VENDOR_WARNING
    if number == plate.table.rows[-1][0] and not plate.table.ends:
        flags |= Flag.UNVERIFIED_END
    with assay.problems.collect(locator=f"line {number}, column 'DILUTION'"):
        dilution = assay.cell(row.get("DILUTION", "")).value
        for (region, reporter), name in names.items():
            count = _number(row, f"{region}: {reporter} COUNT", number, assay)
            for statistic, target in _TARGETS:
                title = f"{region}: {reporter} {statistic}"
                if title not in plate.groups:
                    continue
                where = f"line {number}, column {title!r}"
                with assay.problems.collect(locator=where):
                    assay.add(
                        Spot(
                            where=where, well=well, sample=row["SAMPLE ID"], analyte=name,
                            plate=row.get("PLATE NAME", ""), is_sample=is_sample,
                        ),
                        target, assay.cell(row[title]), flags=int(flags), dilution=dilution,
                        stamp=stamp, n=count,
                    )  # fmt: skip


def _number(row: Mapping[str, str], title: str, number: int, assay: Assay) -> float:
    with assay.problems.collect(locator=f"line {number}, column {title!r}"):
        return assay.cell(row.get(title, "")).value
    return math.nan
