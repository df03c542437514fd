"""Tecan readers: Magellan, i-control and SparkControl, as workbook or delimited text.

Three layouts share one table of cells. Magellan writes a list (`Well positions`, one column for
each label, below it the time such as `0s` and the temperature such as `24.8 °C`, one row for each
well) and below it the date, then mode, wavelength and unit of each measurement. i-control and
SparkControl write settings (`Mode`, `Name`, `Wavelength`, `Part of Plate`, `Start Time`), then a
plate with `<>` in its corner, blank where no well was read, or cycles of a kinetic run (`Cycle
Nr.`, `Time [s]`, `Temp. [°C]`, wells as rows or as columns), then `End Time`. Dates are ISO or of
the computer's locale. Luminescence is in counts per second of the reader: it is stored as RLU and
needs an analyte. Workbooks need the extra `excel`.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.tecan.reader import read, sniff
from skinmech_chip_adapters.instruments.tecan.structure import to_records
from skinmech_chip_adapters.plates import EXTRA_KEYS

ADAPTER = Adapter(
    name="tecan",
    display_name="Tecan Magellan, i-control, SparkControl (xlsx or text)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    aliases=("tecan_magellan", "tecan_icontrol", "tecan_spark"),
    extra_keys=EXTRA_KEYS,
)
