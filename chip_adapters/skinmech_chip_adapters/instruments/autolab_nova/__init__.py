"""Metrohm Autolab NOVA: impedance sweeps as ASCII export.

A byte-order mark, CRLF, tabs. For every sweep a line with the bare date, the header line, then one
row for each frequency; sweeps follow each other without a blank line. The file names have no
extension. `-Z''` is positive for a capacitor. The file states neither area, chip nor time of day.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.autolab_nova.reader import read, sniff
from skinmech_chip_adapters.instruments.autolab_nova.structure import to_records

ADAPTER = Adapter(
    name="autolab_nova",
    display_name="Metrohm Autolab NOVA",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("nova_eis", "nova"),
)
