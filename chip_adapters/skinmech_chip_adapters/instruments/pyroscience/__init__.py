"""PyroScience oxygen, pH and temperature meters (FireSting and kin): text logs of two programs.

**Workbench** (checked on a recording): Latin-1, CRLF, tabs. Header lines start with `#`; sections
are named between dashes and hold device, channel, settings and calibration. Then one title line,
`Date [A Ch.1 Main]`, `Time […]`, ` dt (s) […]`, `Oxygen (%air sat.) […]`, …, `Status […]`, in which
the words in brackets name device, channel and part (`Main` sensor, temperature and pressure
compensation `CompT`, `CompP`), each part with its own clock and status. Dates are `20-12-2023`.
Status is `OK` or `NotOK(3,9)`; the numbers are explained in the program's StatusLegend.txt, see
`status.py`. A value whose status is not OK is kept, with its status. The last line may have no end.

**Pyro Oxygen Logger**, the program before (written from descriptions, no recording at hand): tabs,
`Settings:` and `Calibration:` with one line for each channel (the third cell is the oxygen unit),
then a line of column groups above the titles `Date`, `Time (HH:MM:SS)`, `Time (s)`, `Comment`,
`Ch1`, …; `'C` for degrees, `---` where nothing was measured, dates month first on US computers.

Neither program writes an end mark.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.pyroscience.reader import read, sniff
from skinmech_chip_adapters.instruments.pyroscience.structure import to_records

ADAPTER = Adapter(
    name="pyroscience",
    display_name="PyroScience Workbench and Oxygen Logger",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("firesting", "pyro_workbench"),
)
