"""Allotrope Simple Model (ASM): JSON that converters make of plate readers' and analysers' files.

A document of one technique holds measurement documents: sample, well, and quantities as value with
unit; vendor results follow as calculated data that name their sources. Read are absorbance,
fluorescence, luminescence, cycle thresholds, concentrations, pH, pO2 and viability; everything
else that has a value and a unit is listed as left out.

A converter loses and invents, and its output looks as good as a right one. Therefore:

* absorbance in `mAU` is taken as AU, with a warning: the known converter writes the number in AU;
* a time is kept as text; its zone is believed only if the side-car states it, a date whose day
  could be its month only with `date_order = "YMD"`; 1970-01-01 is no time;
* `-0.0` is a value that was lost, with the state that the error document gives;
* the wells found have to make up a whole plate, or their number has to be declared;
* a cycle threshold above 100 is a lost decimal comma and is refused;
* a last number shorter than all others, and a vendor result that some wells lack, are remarked:
  the instrument's file may have been cut before it was converted;
* a unit `(unitless)` is no unit: a concentration needs `units` in the side-car;
* the converter's name goes into the log, and `converter` in the side-car has to agree with it.

The schema itself is not used: its licence does not allow that.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.allotrope_asm.reader import read, sniff
from skinmech_chip_adapters.instruments.allotrope_asm.structure import to_records

ADAPTER = Adapter(
    name="allotrope_asm",
    display_name="Allotrope Simple Model (ASM) JSON",
    version="1",
    release_state="documented",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("asm",),
    reads_on_chip=False,
    extra_keys={
        "analyte": "substance of all values that name none, such as luminescence of one assay",
        "converter": "name of the converter that has made the file; another one is refused",
    },
)
