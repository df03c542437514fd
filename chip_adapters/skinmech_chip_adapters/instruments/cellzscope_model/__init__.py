"""nanoAnalytics cellZscope: the vendor's equivalent-circuit results as text.

UTF-8 with a byte-order mark, comma. For each parameter the path of the original `.cZsx`,
`Parameter : TER(Ω·cm²)`, a blank line, `time (h),A1,A2,…`, a line with the reference wells that
were subtracted, one row for each time, blank lines. A blank cell means that there was no fit; it is
missing and not zero. Times are hours since the start of the recording, whose date the file does
not state. The membrane area that went into Ω·cm² is the one typed into the vendor's software; it is
not in the file, so the values are stored as the vendor's own (`derived`).
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.cellzscope_model.reader import read, sniff
from skinmech_chip_adapters.instruments.cellzscope_model.structure import to_records

ADAPTER = Adapter(
    name="cellzscope_model",
    display_name="nanoAnalytics cellZscope model results",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("cellzscope_ter",),
)
