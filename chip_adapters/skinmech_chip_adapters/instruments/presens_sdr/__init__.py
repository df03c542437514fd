"""PreSens SensorDish Reader (SDR): oxygen or pH of every well of a dish, as text log.

Latin-1, CRLF. About fifty lines of `key : value` (start and end of the measurement, serial number,
`Parameter : Oxygen [[%] Air Saturation]`, calibration), then a title line and one row for each
reading, cells padded with blanks and closed by `;`. Date and time stand without anything between
them: `25.01.1706:12:01` is 25 January 2017, 06:12:01. `Time/Min.` counts from the start. The last
columns hold what the reading was compensated with (temperature, pressure, salinity). A row without
an error message is one cell shorter than the title line. The end time in the header tells whether
rows are missing.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.presens_sdr.reader import read, sniff
from skinmech_chip_adapters.instruments.presens_sdr.structure import to_records

ADAPTER = Adapter(
    name="presens_sdr",
    display_name="PreSens SensorDish Reader (SDR)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("sdr",),
)
