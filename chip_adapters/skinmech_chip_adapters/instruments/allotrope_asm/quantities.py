"""Which values of a measurement document are observables, and what state they are in."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.allotrope_asm.reader import Number
from skinmech_chip_adapters.readers import Cell, parse_cell
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor

MAX_CYCLES = 100.0
_CYCLES = ("cycle threshold result (qPCR)", "cycle threshold result")
_NO_UNIT = ("(unitless)", "unitless", "#", "")
# Property of a measurement document -> observable, and unit texts that stand for its unit.
PLAIN: dict[str, tuple[str, Mapping[str, str]]] = {
    "absorbance": ("absorbance", {"mAU": "AU", "(unitless)": "AU"}),
    "fluorescence": ("rfu", {}),
    "luminescence": ("rlu", {}),
    "pO2": ("po2", {}),
    "pH": ("ph", {}),
}
# Of a document that names its analyte.
ANALYTE: dict[str, tuple[str, Mapping[str, str]]] = {
    "fluorescence": ("mfi", {"RFU": "MFI"}),
    "mass concentration": ("concentration", {}),
    "molar concentration": ("molar_concentration", {}),
    "luminescence": ("rlu", {}),
}
# Of processed data.
PROCESSED: dict[str, tuple[str, Mapping[str, str]]] = {
    **dict.fromkeys(_CYCLES, ("cq", {"(unitless)": "Cq"})),
    "viability (cell counter)": ("viability", {}),
}
TEMPERATURES = ("compartment temperature", "temperature")


@dataclass(frozen=True, slots=True)
class Quantity:
    """One value to be recorded.

    Attributes:
        name: Key in the JSON, for messages and for `units` in the side-car.
        number: The JSON object with value and unit.
        unit: The unit to be read, after what a converter is known to mislabel.
        analyte: Its name in the file, or empty.
        n: Number of beads, or NaN.
    """

    name: str
    observable: str
    number: dict[str, Any]
    unit: str
    analyte: str = ""
    n: float = math.nan


def quantities_of(document: dict[str, Any], entry: FileEntry) -> Iterator[Quantity]:
    """Values of a measurement document that are observables."""
    custom = _dict(document, "custom information document")
    assay = custom.get("assay identifier", "")
    own = assay if isinstance(assay, str) else ""
    for name, (observable, units) in PLAIN.items():
        if isinstance(document.get(name), dict):
            yield _quantity(name, observable, document[name], units, own, entry)
    for one in documents(document, "analyte aggregate document", "analyte document"):
        analyte = str(one.get("analyte name", ""))
        beads = _plain_number(_dict(one, "assay bead count").get("value"))
        for name, (observable, units) in ANALYTE.items():
            number = one.get(name)
            if name == "fluorescence" and not isinstance(number, dict):
                number = _median(one)
            if isinstance(number, dict) and _is_median(number):
                found = _quantity(name, observable, number, units, analyte, entry)
                yield Quantity(found.name, found.observable, found.number, found.unit, analyte,
                               beads)  # fmt: skip
    target = document.get("target DNA description", document.get("target DNA identifier", ""))
    for one in documents(document, "processed data aggregate document", "processed data document"):
        for name, (observable, units) in PROCESSED.items():
            if name in one:
                number = one[name] if isinstance(one[name], dict) else {"value": one[name]}
                analyte = str(target) if observable == "cq" else ""
                yield _quantity(name, observable, number, units, analyte, entry)


def documents(document: dict[str, Any], outer: str, inner: str) -> list[dict[str, Any]]:
    """The inner documents of an aggregate, each a dictionary."""
    found = _dict(document, outer).get(inner, [])
    return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]


def _dict(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _quantity(
    name: str, observable: str, number: dict[str, Any], units: Mapping[str, str], analyte: str,
    entry: FileEntry,
) -> Quantity:  # fmt: skip
    stated = str(number.get("unit", ""))
    unit = entry.units.get(name) or units.get(stated, stated)
    if observable == "cq" and not unit:
        unit = "Cq"
    if unit in _NO_UNIT:
        raise ChipDataError(
            "unit_missing", found=f"{name} with unit {stated!r}", expected="a unit",
            remedy=f'declare units = {{ "{name}" = … }} in the side-car',
        )  # fmt: skip
    return Quantity(name, observable, number, unit, analyte)


def _median(one: dict[str, Any]) -> Any:
    """The median of a newer analyte document, which lists statistics."""
    for statistic in documents(one, "statistics aggregate document", "statistics document"):
        if statistic.get("statistical feature") != "fluorescence":
            continue
        outer, inner = "statistic dimension aggregate document", "statistic dimension document"
        for number in documents(statistic, outer, inner):
            if number.get("has statistic datum role") == "median role":
                return number
    return None


def _is_median(number: dict[str, Any]) -> bool:
    return number.get("has statistic datum role", "median role") == "median role"


def _plain_number(value: Any) -> float:
    if not isinstance(value, Number):
        return math.nan
    cell = parse_cell(value)
    return cell.value


def errors_of(document: dict[str, Any]) -> list[str]:
    """Words of the error documents of a measurement."""
    found = documents(document, "error aggregate document", "error document")
    return [str(one["error"]) for one in found if one.get("error")]


def cell_of(quantity: Quantity, document: dict[str, Any], entry: FileEntry) -> Cell:
    """Number and state; a lost value gets its state from the error documents.

    Raises:
        ChipDataError: `not_a_number`, or `impossible_value` for a cycle threshold above 100.
    """
    value = quantity.number.get("value")
    words = errors_of(document)
    if value is None or (isinstance(value, Number) and _is_lost(value)):
        raw = "null" if value is None else str(value)
        cell = _lost(raw, words, entry)
    elif isinstance(value, str):
        cell = parse_cell(value, ".", entry.sentinels)
    else:
        raise ChipDataError("not_a_number", found=f"{quantity.name} that is no number",
                            expected="a number or a word")  # fmt: skip
    if quantity.observable != "cq":
        return cell
    if cell.censor == Censor.NONE and not 0 < cell.value <= MAX_CYCLES:
        raise ChipDataError(
            "impossible_value", found=f"a cycle threshold of {cell.raw}",
            expected=f"at most {MAX_CYCLES:.0f} cycles",
            remedy="the converter lost a decimal comma: read the instrument's own file",
        )  # fmt: skip
    cycles = _cycles(document)
    if cell.censor == Censor.FAILED and "undetermined" in cell.raw.lower() and cycles:
        return censored(cell.raw, Censor.RIGHT, cycles)
    return cell


def _is_lost(value: str) -> bool:
    """True for a negative zero, which a converter writes in place of a missing number."""
    return re.fullmatch(r"-0+(\.0*)?([eE][+-]?\d+)?", value) is not None


def _lost(raw: str, words: list[str], entry: FileEntry) -> Cell:
    text = f"{raw} ({'; '.join(words)})" if words else raw
    for word in words:
        try:
            state = parse_cell(word, ".", entry.sentinels).censor
        except ChipDataError:
            continue
        if state != Censor.NONE:
            return censored(text, state)
    return censored(text, Censor.MISSING)


def _cycles(document: dict[str, Any]) -> float:
    outer, inner = "device control aggregate document", "device control document"
    for one in documents(document, outer, inner):
        number = _dict(one, "total cycle number setting").get("value")
        if isinstance(number, Number):
            return _plain_number(number)
    return 0.0


def left_out(node: Any, used: set[int]) -> Iterator[str]:
    """Names of the values with a unit below a document that were not read."""
    stack: list[tuple[str, Any]] = [("", node)]
    while stack:
        name, one = stack.pop()
        if isinstance(one, dict):
            if "value" in one and "unit" in one and id(one) not in used:
                yield name
            else:
                stack += list(one.items())
        elif isinstance(one, list):
            stack += [(name, item) for item in one]
