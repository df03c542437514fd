"""BioTek (Agilent) Gen5: plates of absorbance, fluorescence and luminescence as text.

Tab-separated (or with semicolons), one plate after the other. A plate begins with keys (`Software
Version`, `Plate Number`, `Date`, `Time`, …), then `Procedure Details` with one `Read` for each
mode, then perhaps `Layout` (rows that end in `Well ID` and `Conc/Dil`), then one table of cycles
for a kinetic run (`Time`, `T° 450`, `A1`, …), then `Results`: for each row of the plate several
lines, each with a label as last cell (`450`, `name:450`, `Blank …`, `[Concentration]`). Cells may
say `OVRFLW`, `MISSED`, `?????`, `>209.845`. No cell states a unit: absorbances are in AU, and a
concentration needs `units` and `analytes` in the side-car. The labels and the layout show where a
file is cut; after a plate without a layout nothing does, unless it is a whole standard plate.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.gen5.reader import read, sniff
from skinmech_chip_adapters.instruments.gen5.structure import to_records
from skinmech_chip_adapters.plates import EXTRA_KEYS

ADAPTER = Adapter(
    name="gen5",
    display_name="BioTek (Agilent) Gen5 (text export)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("biotek_gen5", "agilent_gen5"),
    extra_keys=EXTRA_KEYS,
)
