"""Molecular Devices SoftMax Pro: plates of absorbance, fluorescence or luminescence as text.

Tab-separated, by default UTF-16 with a byte-order mark, also UTF-8 or Mac Roman. The first line
counts the blocks (`##BLOCKS= 2`), each ends in `~End`, and a footer names the original file and
when it was saved, which is not when the plate was read: no time of reading is stored. A block
`Plate:` has one line of settings, a row of column numbers for each wavelength side by side, and for
each time point the rows of the plate without letters, the first of them with time and temperature.
Wells that were not read are blank. Below may stand the values reduced by the software. German
files write the version `1,1`, leave out fields at the end of the settings and use a decimal comma,
while tables of `Group:` blocks keep the point. Blocks `Note:` and `Group:` are not read.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.softmax_pro.reader import read, sniff
from skinmech_chip_adapters.instruments.softmax_pro.structure import to_records
from skinmech_chip_adapters.plates import EXTRA_KEYS

ADAPTER = Adapter(
    name="softmax_pro",
    display_name="Molecular Devices SoftMax Pro (text export)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("softmax", "moldev_softmax_pro"),
    extra_keys=EXTRA_KEYS,
)
