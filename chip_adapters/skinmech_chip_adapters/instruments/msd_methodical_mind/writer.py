"""Writing plates as Methodical Mind does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from skinmech_chip_adapters.adapter import Example

_SHAPES = {24: (4, 6), 96: (8, 12), 384: (16, 24)}


@dataclass(frozen=True, slots=True)
class PlateValues:
    """One plate: signal by well and spot number; every well of the plate must be given.

    Attributes:
        read: Text of the date and time, such as `09/28/2023\\t13:39:33 EDT`.
    """

    barcode: str
    read: str
    signal: Mapping[tuple[str, int], float | None]
    wells: int = 96
    filename: str = ""


def write(
    plates: Sequence[PlateValues],
    *,
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8",
    wide: bool = True,
) -> bytes:
    """A Methodical Mind text.

    Args:
        plates: In file order.
        decimal: `.` or `,`; signals are whole counts unless they were computed.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: Any Python encoding.
        wide: Cells padded to a width, as the software writes them; False for bare cells.
    """
    lines: list[str] = []
    for number, plate in enumerate(plates, 1):
        lines += [f"FileName :\t{plate.filename}"] if number == 1 else ["", ""]
        lines += _head(number, plate) + _data(plate, decimal, wide) + _tail()
    return "".join(line + newline for line in lines).encode(encoding)


def _head(number: int, plate: PlateValues) -> list[str]:
    rows, columns = _SHAPES[plate.wells]
    spots = max(spot for _, spot in plate.signal)
    kind = f"{plate.wells} Multi-Spot {spots}" if spots > 1 else str(plate.wells)
    return [
        *("Stack ID :\t0.1", f"Plate #  :\t{number}", f"Barcode1 :\t<*{plate.barcode}*>"),
        *("Barcode2 :\t<>", "Barcode3 :\t<>", f"Type     :\t{kind}"),
        *(f"Wells Per Row :\t{columns}", f"Wells Per Col :\t{rows}", "Det Param:\tStandard"),
        *(f"Read Time:\t{plate.read}", "Version  :\tMMPR 1.0.38", "", "Serial # :\t1", ""),
    ]


def _data(plate: PlateValues, decimal: str, wide: bool) -> list[str]:
    rows, columns = _SHAPES[plate.wells]
    spots = max(spot for _, spot in plate.signal)
    pad = (lambda text: f"{text:>10}  ") if wide else (lambda text: text)
    lines = ["=" * 10 + "Data" + "=" * 60]
    lines.append(("  " if wide else "") + "".join(f"\t{i}" for i in range(1, columns + 1)))
    for row in range(rows):
        letter = chr(ord("A") + row)
        for spot in range(1, spots + 1):
            values = [plate.signal[f"{letter}{i:02d}", spot] for i in range(1, columns + 1)]
            first = letter if spot == 1 else ""
            cells = [first + (" " if wide else ""), *(pad(_text(one, decimal)) for one in values)]
            lines.append("\t".join(cells) + ("\t" if wide else ""))
    return [*lines, "", ""]


def _text(value: float | None, decimal: str) -> str:
    if value is None:
        return ""
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    return text.replace(".", decimal)


def _tail() -> list[str]:
    return [
        *("=" * 10 + "Processing" + "=" * 40, "Radius   :\t18.00\t", ""),
        *("=" * 10 + "Statistics" + "=" * 40, "Sector   :\t1\t", ""),
        *("=" * 10 + "Camera Status" + "=" * 40, "Binning  :\t4\t", ""),
        *("=" * 10 + "Waveform/Current" + "=" * 40, "Peak Vltg:\t4970\t", ""),
    ]


def example() -> Example:
    """One plate of 24 wells with two spots; four wells are chips."""
    signal: dict[tuple[str, int], float | None] = {
        (f"{letter}{column:02d}", spot): 100.0 * spot + 10 * row + column
        for row, letter in enumerate("ABCD")
        for column in range(1, 7)
        for spot in (1, 2)
    }
    sidecar = """
[study]
id = "example"
targets = ["IL-6", "IL-8"]
[chip.C1]
[chip.C2]
[[file]]
path = "plate.txt"
time = "72 h"
location = "effluent_basal"
unmapped = "skip"
analytes = { "Spot 1" = "IL-6", "Spot 2" = "IL-8" }
[file.well_map]
A1 = { chip = "C1", technical_replicate = "1" }
A2 = { chip = "C1", technical_replicate = "2" }
D5 = { chip = "C2", technical_replicate = "1" }
D6 = { chip = "C2", technical_replicate = "2" }
"""
    plate = PlateValues("EXAMPLE", "09/28/2023\t13:39:33 EDT", signal, 24)
    return Example(
        filename="plate.txt", content=write([plate]), sidecar=sidecar, measurements=8
    )  # fmt: skip
