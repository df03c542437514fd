"""ScioSpec impedance analysers: one `.spec` file for each channel and time.

ASCII, comma. The first line is the number of header lines, itself and the titles included. Then a
name, the measuring range of each point (so that their number is known), `Channel: ECISadapter 1`,
a local date such as `31-Mar.-2025 10:12:36:478 p.m.`, the titles `frequency[Hz],Re[Ohm],Im[Ohm]`
and the points. A negative imaginary part is capacitive. The last point may repeat a frequency.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.sciospec.reader import read, sniff
from skinmech_chip_adapters.instruments.sciospec.structure import to_records

ADAPTER = Adapter(
    name="sciospec",
    display_name="ScioSpec impedance analyser",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
)
