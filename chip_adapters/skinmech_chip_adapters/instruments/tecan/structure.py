"""Tecan blocks to records."""

import math
import re
from collections import Counter

from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.tecan.blocks import Block
from skinmech_chip_adapters.instruments.tecan.reader import Export
from skinmech_chip_adapters.plates import Reading, WellText, plate_records
from skinmech_chip_adapters.readers import parse_number
from skinmech_chip_adapters.sidecar import Sidecar

_MODES = ("absorbance", "fluorescence", "luminescence")
_NUMBER = re.compile(r"(?P<number>[-+\d.,]+)\s*(?P<unit>\D*)")


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Values of every label, time point and mapped well."""
    export: Export = parsed.tables
    sheets = {block.sheet for block in export.blocks}
    seen: Counter[tuple[str, str, str]] = Counter()
    readings = []
    for block in export.blocks:
        key = (block.sheet, block.label, block.seconds)
        seen[key] += 1
        plate = block.sheet if len(sheets) > 1 else ""
        plate += f" #{seen[key]}" if seen[key] > 1 else ""
        readings.append(_reading(block, plate.strip(), parsed.decimal))
    return plate_records(
        readings, sidecar, entry, decimal=parsed.decimal, is_cut=export.is_cut,
        # A cut of text is seen at its end, and a workbook cannot be cut.
        uncounted=(),
    )  # fmt: skip


def _reading(block: Block, plate: str, decimal: str) -> Reading:
    settings = block.settings
    mode = (settings.get("Mode") or settings.get("Measurement mode", "")).lower()
    quantity = next((one for one in _MODES if mode.startswith(one)), "")
    return Reading(
        name=block.label,
        quantity=quantity,
        detail=_detail(block, mode.removeprefix(quantity).strip()),
        plate=plate,
        locator=f"line {block.line}" + (f" of sheet {block.sheet!r}" if block.sheet else ""),
        wells=tuple(WellText(well, text, f"line {line}") for well, text, line in block.wells),
        unit=settings.get("Output", settings.get("Unit", "")),
        date=(f"line {block.line}", block.date) if block.date else None,
        elapsed=_quantity(block, block.seconds, decimal, ("", "s")),
        temperature=_quantity(block, block.temperature, decimal, ("", "°C")),
        is_whole=block.is_whole,
    )


def _detail(block: Block, rest: str) -> str:
    """Wavelengths, or the name of the label where the settings state none."""
    settings = block.settings
    single = settings.get("Measurement wavelength", settings.get("Wavelength", ""))
    pair = [settings.get(f"{which} Wavelength", "") for which in ("Excitation", "Emission")]
    numbers = [re.sub(r"\s*nm$", "", text) for text in ([single] if single else pair) if text]
    what = f"{','.join(numbers)} nm" if numbers else block.label
    return " ".join(part for part in (rest, what) if part)


def _quantity(block: Block, text: str, decimal: str, units: tuple[str, ...]) -> float:
    """Number of a text such as `24.8 °C` or `60s`; NaN for none."""
    if not text:
        return math.nan
    match = _NUMBER.fullmatch(text)
    if match is None or match["unit"].strip() not in units:
        raise ChipDataError(
            "not_a_number", locator=f"line {block.line}", found=f"{text[:30]!r}",
            expected=f"a number in {units[-1]}", remedy="export the file again",
        )  # fmt: skip
    try:
        return parse_number(match["number"], decimal)
    except ChipDataError as error:
        raise error.at(locator=f"line {block.line}") from error
