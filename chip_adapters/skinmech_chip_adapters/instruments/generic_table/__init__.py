"""Any table whose columns and units the side-car declares.

For instruments without a recorded format (EVOM, skin probes, pumps, pressure and flow loggers) and
for tables typed by hand. `layout = "table"` gives one measurement for each value cell, `"series"`
one logger channel for each value column, `"impedance"` spectra. Nothing is guessed: an undeclared
column is listed and left out.
"""

from skinmech_chip_adapters.adapter import Adapter, Evidence
from skinmech_chip_adapters.instruments.generic_table.reader import read
from skinmech_chip_adapters.instruments.generic_table.structure import to_records


def sniff(head: bytes, name: str) -> Evidence:
    """Never claims a file: any table could be meant, so the side-car has to name this adapter."""
    return Evidence(0.0, ("needs declared columns",))


ADAPTER = Adapter(
    name="generic_table",
    display_name="Table declared in the side-car",
    version="2",
    release_state="declared",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("generic", "table"),
    extra_keys={
        "columns": "what each column is: a role, or an observable with its unit",
        "layout": "table, series or impedance",
        "header_line": "line number of the header, if it is not the first with all columns",
        "imaginary_sign": "capacitive_negative or capacitive_positive, for impedance",
    },
)
