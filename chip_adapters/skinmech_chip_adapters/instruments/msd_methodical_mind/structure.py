"""Methodical Mind plates to measurements of signal."""

import re
from dataclasses import replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records
from skinmech_chip_adapters.assay import RLU, Assay, Spot
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.msd_methodical_mind.reader import Plate
from skinmech_chip_adapters.readers import Stamp, normal_well
from skinmech_chip_adapters.sidecar import Sidecar

_METHOD = "MSD electrochemiluminescence"
_IN_NAME = re.compile(r"(\d{4})-(\d{2})-(\d{2})[-_](\d{2})(\d{2})(\d{2})")
_WRITTEN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) +(\d{2}):(\d{2}):(\d{2}).*")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Signal of every mapped well and spot of every plate."""
    plates: tuple[Plate, ...] = parsed.tables
    if not entry.date_order:
        entry = replace(entry, date_order=_order(plates))
    assay = Assay(parsed, sidecar, entry, method=_METHOD)
    stamps = _stamps(plates, assay)
    rows = 0
    for plate in plates:
        name = _name(plate)
        for (letter, column, spot), (line, text) in plate.cells.items():
            if not text:
                continue  # a place without a spot
            rows += 1
            where = f"line {line}, column {column}"
            with assay.problems.collect(locator=where):
                assay.add(
                    Spot(
                        where=where, well=normal_well(f"{letter}{column}"), plate=name,
                        analyte=f"Spot {_spot(plate, spot)}",
                    ),
                    RLU, assay.cell(text), stamp=stamps.get(plate.number),
                )  # fmt: skip
    refused = [one for one in parsed.messages if one.level == "error"]
    cut = [plate.number for plate in plates if not plate.is_whole]
    if cut:
        assay.messages.append(
            Message(level="warning", code="cut_footer", locator=f"plate {cut[0]}",
                    text="the sections after the data are cut; the data are whole")
        )  # fmt: skip
    return assay.records(rows=rows, whole=False, partial=bool(refused or cut))


def _spot(plate: Plate, spot: int) -> str:
    """Number of a spot: of its line, or of the key where a table holds one spot."""
    stated = plate.keys.get("SpotID", "")
    return stated if stated.isascii() and stated.isdigit() else str(spot)


def _name(plate: Plate) -> str:
    """Barcode of a plate without its marks, else its number in the file."""
    return plate.keys.get("Barcode1", "").strip("<>* ") or f"plate {plate.number}"


def _stamps(plates: tuple[Plate, ...], assay: Assay) -> dict[int, Stamp]:
    read = [plate for plate in plates if plate.keys.get("Read Time")]
    texts = [(f"line {one.lines['Read Time']}", one.keys["Read Time"]) for one in read]
    return dict(zip((one.number for one in read), assay.stamps(texts), strict=False))


def _order(plates: tuple[Plate, ...]) -> str:
    """Order of day and month as the date in the file's name shows it, or empty.

    Raises:
        ChipDataError: `mixed_dates` where the name gives another time than the key.
    """
    for plate in plates:
        named = _IN_NAME.search(plate.keys.get("FileName", ""))
        written = _WRITTEN.fullmatch(" ".join(plate.keys.get("Read Time", "").split()))
        if not named or not written or named.groups()[3:] != written.groups()[3:]:
            continue
        first, second = int(written[1]), int(written[2])
        month, day = int(named[2]), int(named[3])
        if written[3] != named[1] or {first, second} != {month, day}:
            raise ChipDataError(
                "mixed_dates", locator=f"line {plate.lines['Read Time']}",
                found=f"{written[0][:19]!r}", expected=f"the date {named[0]} of the file's name",
                remedy="declare date_order in the side-car",
            )  # fmt: skip
        if first != second:
            return "MDY" if first == month else "DMY"
    return ""
