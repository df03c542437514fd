"""Fluidigm BioMark: quantification cycles of a microfluidic array as CSV.

Keys of the run (`Chip Run Filename`, `Application Version`, …), then three rows of titles: groups,
`Chamber`/`Sample`/dye/`Ct`, and `ID`/`Name`/`Type`/`rConc`/`Name`/`Type`/`Value`/`Quality`/`Call`/
`Threshold`. One row for each chamber, `S48-A01` being sample inlet 48 and assay inlet 1, in no
sorted order, and every pair of inlets once: an incomplete grid shows a cut file, and a full one of
the shape of an array (48 x 48, 96 x 96, 192 x 24, 24 x 192) a whole file. A chamber that the
software calls `Fail` is failed, whatever its value; `999` is the value it writes where it found no
cycle. There is no plate well and no time; the well map names samples or sample inlets (`S48`).
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.cycles import CYCLES_KEY
from skinmech_chip_adapters.instruments.biomark.reader import read, sniff
from skinmech_chip_adapters.instruments.biomark.structure import to_records

ADAPTER = Adapter(
    name="biomark",
    display_name="Fluidigm BioMark (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("fluidigm_biomark",),
    reads_on_chip=False,
    extra_keys=CYCLES_KEY,
)
