"""PalmSens PSTrace: session file (`.pssession`) with impedance measurements.

JSON in UTF-16 with a byte-order mark at the start and at the end, on one line. `Measurements` hold
`EISDataList`, whose sets hold arrays with description, unit and `DataValues: [{"V": …}]`. The
quantity of an array says which sign it has (`-Z''`, `-Phase`). The symbol of a unit is without its
prefix (an array in microampere says A), so that its type is what counts. `UTCTimeStamp` is in ticks
of 100 ns since the year 1. Measurements that are no impedance are listed and left out.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.palmsens.reader import read, sniff
from skinmech_chip_adapters.instruments.palmsens.structure import to_records

ADAPTER = Adapter(
    name="palmsens",
    display_name="PalmSens PSTrace session",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("pssession",),
)
