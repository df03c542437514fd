"""nanoAnalytics cellZscope: spectra of all wells as text.

UTF-8 with a byte-order mark, comma. For every well and run: `Well: A1 - 80,000 cells` (the name of
a sample may contain a comma), `Spectrum: Run.1 measured at 23/07/2020 5:09:48 PM` (day first, local
time), a blank line, the titles `frequency (Hz),impedance magnitude (Ohm),phase (deg)`, the points,
two blank lines. Wells follow each other, each with all of its runs. A negative phase is capacitive.
There is no end mark, and the file states neither membrane area nor time zone.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.cellzscope_raw.reader import read, sniff
from skinmech_chip_adapters.instruments.cellzscope_raw.structure import to_records

ADAPTER = Adapter(
    name="cellzscope_raw",
    display_name="nanoAnalytics cellZscope spectra",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("cellzscope_spectra",),
)
