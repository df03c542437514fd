"""Luminex xPONENT: bead-array immunoassays as CSV.

Quoted lines of keys, then `Results` and blocks that start with `DataType:`, then a `-- CRC --`
footer whose absence shows a cut file (the checksum itself does not match files that were edited
and is not relied on). Excel-saved copies are unquoted and padded with commas. `Units:` is often
`Bead` or empty: fluorescence is not a concentration, so a `Result` block without a real unit is
refused until the side-car declares `units = { "Result" = "…" }`. The dilution is recorded, not
applied.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.luminex_xponent.reader import read, sniff
from skinmech_chip_adapters.instruments.luminex_xponent.structure import to_records

ADAPTER = Adapter(
    name="luminex_xponent",
    display_name="Luminex xPONENT (CSV)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("luminex", "xponent"),
    reads_on_chip=False,
)
