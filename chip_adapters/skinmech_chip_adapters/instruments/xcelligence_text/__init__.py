"""Agilent (ACEA, Roche) xCELLigence RTCA: cell index of every well and time as text.

Tabs, also in files called `.csv`. A line with `Experiment ID: …`, then the titles
`Time-Interval(Hour)`, `Time-Interval`, `Y (A1)` … `Y (H12)`, then the rows. The first column is
rounded to hundredths of an hour, so that two rows may share it; the second is exact, as
`T00:55:46,0` with the decimal sign of the computer even where the numbers have a point. No date and
no end mark. The cell index has no unit and cannot be converted to a resistance.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.xcelligence_text.reader import read, sniff
from skinmech_chip_adapters.instruments.xcelligence_text.structure import to_records

ADAPTER = Adapter(
    name="xcelligence_text",
    display_name="Agilent xCELLigence RTCA",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("xcelligence", "rtca"),
)
