"""FLEX2 bytes to a table, without meaning."""

from dataclasses import dataclass, replace

from skinmech_chip_adapters.adapter import Evidence, Parsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import decode_head, split_lines
from skinmech_chip_adapters.readers.numbers import decide_decimal
from skinmech_chip_adapters.readers.titled import (
    Titled,
    account,
    decode_text,
    titled,
    titles_delimiter,
    wrong_format,
)

NEEDED = ("Date & Time", "Sample ID", "Sample Type")
TEMPERATURE = "Vessel Temperature (°C)"
ANALYTES = ("Gln", "Glu", "Gluc", "Lac", "NH4+", "Na+", "K+", "Ca++")
GASES = ("PO2",)
NUMERIC = (*ANALYTES, *GASES, "pH", "Viability", TEMPERATURE)
USED = (*NEEDED, *NUMERIC)

# Columns of the format that are left out, and why.
IGNORED = {
    "PCO2": "no observable of the record",
    "Osm": "no observable of the record",
    "Total Density": "no observable of the record",
    "Viable Density": "no observable of the record",
    "Avg. Live Diameter": "no observable of the record",
    "Total Live Count": "counts of the images",
    "Total Cell Count": "counts of the images",
    "Live Cell Std. Deviation": "counts of the images",
    "Cell Inspection Type": "setting",
    "Pre-Dilution Multiplier": "setting; values are after it",
    "Cell Density Dilution": "setting",
    "Valid Images": "counts of the images",
    "Vessel ID": "map the sample by its name",
    "Batch ID": "map the sample by its name",
    "Cell Type": "declared in the side-car",
    "Vessel Pressure (psi)": "setting",
    "Sparging O2%": "setting",
    "Chemistry Dilution Ratio": "setting; values are after it",
    "pH @ Temp": "computed for the vessel's temperature",
    "PCO2 @ Temp": "computed for the vessel's temperature",
    "PO2 @ Temp": "computed for the vessel's temperature",
    "O2 Saturation": "computed from the gases",
    "CO2 Saturation": "computed from the gases",
    "HCO3": "computed from the gases",
    "Chemistry Flow Time": "state of the device",
    "pH / Gas Flow Time": "state of the device",
    "Cell Density Flow": "state of the device",
    "Tray Location": "state of the device",
    "Time In Tray": "state of the device",
    "Sample Time": "the time in the first column is kept",
    "Operator": "name of a person",
}


@dataclass(frozen=True, slots=True)
class Export:
    """The table, and whether lines end in a delimiter (which shows a cut of the last one)."""

    table: Titled


def sniff(head: bytes, name: str) -> Evidence:
    """Titles that only this device writes together."""
    text = decode_head(head)[:4096]
    first = text.splitlines()[0] if text.strip() else ""
    if titles_delimiter(first, (*NEEDED, "Gluc", "Lac")):
        return Evidence(0.95, ("titles Date & Time, Sample ID, Gluc, Lac",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """Titles and rows."""
    expected = "a FLEX2 export: Date & Time, Sample ID, Sample Type, …"
    text = decode_text(content, entry, expected)
    first = text.lines[0] if text.lines else ""
    delimiter = titles_delimiter(first, NEEDED, entry.delimiter)
    if not delimiter:
        raise wrong_format("line 1", "no titles of this format", expected)
    lines = split_lines(text, delimiter)
    # A delimiter ends every line, so the row of titles is one cell wider than its titles.
    closed = lines[0].width > len(lines[0].cells)
    # A lost delimiter would shift values to other columns; a row of another width is cut.
    narrow = [replace(one, width=0) if one.width != lines[0].width else one for one in lines[1:]]
    table = titled(lines[0], narrow, entry, needed=NEEDED, ends=text.ends_with_newline)
    last = next((line for line in reversed(lines) if line.cells), lines[0])
    whole = last.width > len(lines[0].cells) if closed else text.ends_with_newline
    if table.rows and not whole and entry.on_bad_row == "error":
        raise ChipDataError(
            "cut_row", locator=f"line {last.number}", found="a last row without its end",
            expected="a delimiter or a line end, which shows that its last cell is whole",
            remedy='export the file again, or declare on_bad_row = "keep_flagged"',
        )  # fmt: skip
    unparsed, messages = account(table, USED, IGNORED)
    tokens = ((number, row.get(name, "")) for number, row in table.rows for name in NUMERIC)
    return Parsed(
        tables=Export(table),
        header=text.lines[0],
        unparsed=tuple(unparsed),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        delimiter=delimiter,
        decimal=decide_decimal(tokens, entry.decimal, "." if delimiter == "," else ".,"),
        software="BioProfile FLEX2",
    )
