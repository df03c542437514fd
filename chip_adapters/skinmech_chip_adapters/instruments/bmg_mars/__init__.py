"""BMG Labtech MARS: plates of absorbance, fluorescence or luminescence as CSV.

Line 1 names user, path and run number, line 2 the test with date and time, lines `ID1: …` follow,
then the mode (`Absorbance`). Each block has a title (`Raw Data (450)`, with one or two blanks), a
row of column numbers with an empty first and last cell, and one row for each letter of the plate.
The number of the file's last cell is followed by nothing, and no mark ends the file: it is whole
if its rows make up a plate. The values are optical densities, not thousandths of them. The date is
in the order of the computer's locale.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.bmg_mars.reader import read, sniff
from skinmech_chip_adapters.instruments.bmg_mars.structure import to_records
from skinmech_chip_adapters.plates import EXTRA_KEYS

ADAPTER = Adapter(
    name="bmg_mars",
    display_name="BMG Labtech MARS (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("mars",),
    extra_keys=EXTRA_KEYS,
)
