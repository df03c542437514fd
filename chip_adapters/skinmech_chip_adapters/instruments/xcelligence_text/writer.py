"""Writing cell-index tables as the RTCA software does, for tests and simulated recordings."""

from collections.abc import Mapping, Sequence

from skinmech_chip_adapters.adapter import Example


def write(
    seconds: Sequence[int],
    wells: Mapping[str, Sequence[float | None]],
    *,
    experiment: str = "2607231654P1",
    delimiter: str = "\t",
    decimal: str = ".",
    clock_decimal: str = ",",
    newline: str = "\r\n",
    encoding: str = "ascii",
) -> bytes:
    """A cell-index export.

    Args:
        seconds: Time of each row since the start.
        wells: Cell index of each row by well, None for an empty cell.
        experiment: Name of the experiment.
        delimiter, decimal: Of the table; must differ.
        clock_decimal: Sign before the fraction of a second, which follows the computer's locale
            even where the numbers do not.
        newline, encoding: Of the file.
    """
    lines = [
        delimiter.join(["", "", f"Experiment ID: {experiment}", *[""] * (len(wells) - 1)]),
        delimiter.join(["Time-Interval(Hour)", "Time-Interval", *(f"Y ({one})" for one in wells)]),
    ]
    for row, time in enumerate(seconds):
        hours, rest = divmod(time, 3600)
        clock = f"T{hours:02d}:{rest // 60:02d}:{rest % 60:02d}{clock_decimal}0"
        quoted = f'"{clock}"' if delimiter in clock else clock
        cells = [_number(round(time / 3600, 2), decimal), quoted]
        cells += [_number(values[row], decimal) for values in wells.values()]
        lines.append(delimiter.join(cells))
    return "".join(line + newline for line in lines).encode(encoding)


def _number(value: float | None, decimal: str) -> str:
    if value is None:
        return ""
    text = repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
    return text.replace(".", decimal)


def example() -> Example:
    """Two wells at four times, the first two within the same hundredth of an hour."""
    wells: dict[str, list[float | None]] = {
        "A1": [0.0, 0.0, 0.45, 1.25],
        "A2": [0.0, -0.01, 0.5, None],
    }
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "index.txt"
time = "1 h"
expected = { rows = 4 }
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
"""
    content = write([0, 13, 3346, 7200], wells)
    return Example(filename="index.txt", content=content, sidecar=sidecar, measurements=8)
