"""Flow cytometry standard (FCS 2.0, 3.0, 3.1): metadata and a summary of every channel.

A header of 58 bytes gives the places of the segments; TEXT holds keywords and values between a
delimiter of the file's own choice (its first character, doubled where it is meant literally); DATA
holds the events as integers of 8, 16 or 32 bits or as floats, in a stated byte order. The events
stay in the file; the record takes the median of each channel that the side-car names under
`analytes`, and the log the summary of all channels. Nothing is gated or compensated; gain, decades
and time step are applied as the standard says.

FlowIO reads the events (extra `fcs`). It accepts a number of events other than the stated one, so
sizes and places are compared here first. A file whose header and TEXT disagree on the place of the
data is refused until `offsets` in the side-car says which to believe.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.fcs.reader import read, sniff
from skinmech_chip_adapters.instruments.fcs.structure import to_records

ADAPTER = Adapter(
    name="fcs",
    display_name="Flow cytometry standard (FCS)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    extra_keys={"offsets": "header or text: which place of the data to believe where they differ"},
)
