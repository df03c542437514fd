"""Writing plain tables, for tests and simulated recordings of instruments without own format."""

from collections.abc import Sequence

from skinmech_chip_adapters.adapter import Example


def write(
    titles: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    newline: str = "\r\n",
    encoding: str = "utf-8",
) -> bytes:
    """A delimited table.

    Args:
        titles: Of the columns.
        rows: Cells; floats are written with the decimal sign, everything else as text.
        delimiter: Between cells.
        decimal: `.` or `,`.
        newline: After every row, the last included.
        encoding: Python name.
    """
    lines = [titles, *rows]
    text = "".join(
        delimiter.join(_cell(cell, delimiter, decimal) for cell in line) + newline for line in lines
    )
    return text.encode(encoding)


def _cell(value: object, delimiter: str, decimal: str) -> str:
    text = repr(value).replace(".", decimal) if isinstance(value, float) else str(value)
    if delimiter in text or '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def example() -> Example:
    """Water loss and cytokine of two chips, one value below the limit, one missing."""
    titles = ("Chip", "Time (h)", "TEWL (g/m2/h)", "SD", "IL-8 (pg/mL)", "Comment")
    rows = [
        ("C1", 24.0, 31.5, 1.5, 120.25, ""),
        ("C1", 48.0, 22.25, 1.25, "<2.5", "diluted"),
        ("C2", 24.0, 35.75, 2.5, "OVRFLW", ""),
        ("C2", 48.0, "n/a", "", 88.5, ""),
    ]
    sidecar = """
[study]
id = "example"
targets = ["IL-8"]
[chip.C1]
[chip.C2]
[[file]]
path = "readings.csv"
adapter = "generic_table"
expected = { rows = 4 }
[file.columns]
"Chip" = { role = "chip" }
"Time (h)" = { role = "time", unit = "h" }
"TEWL (g/m2/h)" = { observable = "tewl", unit = "g/m2/h", method = "open chamber" }
"Comment" = { role = "note" }
"SD" = { role = "sd", of = "TEWL (g/m2/h)" }
[file.columns."IL-8 (pg/mL)"]
observable = "concentration"
analyte = "IL-8"
unit = "pg/mL"
location = "basal"
"""
    return Example(
        filename="readings.csv", content=write(titles, rows), sidecar=sidecar, measurements=8
    )
