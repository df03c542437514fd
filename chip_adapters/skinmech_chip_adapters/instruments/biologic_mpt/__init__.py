"""BioLogic EC-Lab: impedance as text export (`.mpt`).

Latin-1, tabs. `EC-Lab ASCII FILE`, then `Nb header lines : 61`; the last header line holds the
titles, in an order that varies: `freq/Hz`, `Re(Z)/Ohm`, `-Im(Z)/Ohm` (positive for a capacitor),
`|Z|/Ohm`, `Phase(Z)/deg`, `time/s` and many more. The header lists which rows are which loop. The
decimal sign is that of the computer. Rows at 0 Hz are direct current. The last line has no line
end. The electrode surface area is 0 or 0.001 unless typed, and never used. Dates are month first on
the computers seen, which the file does not say. The binary `.mpr` is refused by name.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.biologic_mpt.reader import read, sniff
from skinmech_chip_adapters.instruments.biologic_mpt.structure import to_records

ADAPTER = Adapter(
    name="biologic_mpt",
    display_name="BioLogic EC-Lab",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("eclab", "biologic"),
)
