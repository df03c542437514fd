"""MSD Methodical Mind: electrochemiluminescence plates as text.

Tab-separated, one or several plates in a file. Keys such as `Barcode1 :`, `Type     :` (number of
wells, then `Multi-Spot 10`), `SpotID   :` and `Read Time:` come before `==========Data===`; then a
row of column numbers, and for each row letter one line for each spot, the letter on the first line
only and unused spots blank. `==========Processing===` ends the data; the camera and current
sections follow, `Peak Vltg:` being the last line of a plate. Further plates repeat the keys, some
without `FileName :`. A spot is an analyte called `Spot 1`; the side-car's `analytes` translates it.
The values are raw signals: there is no concentration, no sample name, and of the zone only an
abbreviation. The date in the file's name, where it has one, settles the order of day and month.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.msd_methodical_mind.reader import read, sniff
from skinmech_chip_adapters.instruments.msd_methodical_mind.structure import to_records

ADAPTER = Adapter(
    name="msd_methodical_mind",
    display_name="MSD Methodical Mind (text)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("methodical_mind",),
    reads_on_chip=False,
)
