"""Applied BioPhysics ECIS: results of the vendor's cell-layer model as CSV.

The sections of the impedance export with commas instead of equals signs. `[Headings]` has two
lines: `Time (hrs)` and for each well `Rb (ohm.cm^2), Alpha (cm.ohm^0.5), CellMCap(uF/cm^2), Drift
(%), RMSE`; then `Well ID` with the well of each title. A copy that a spreadsheet saved again is
padded with commas and may hold no rows. Rb is the junctional term of a layer on an opaque electrode
and not TEER. A fit that found nothing leaves the capacitance on its bound of 1000 uF/cm^2; its Rb
is failed.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.ecis_rba.reader import read, sniff
from skinmech_chip_adapters.instruments.ecis_rba.structure import to_records

ADAPTER = Adapter(
    name="ecis_rba",
    display_name="Applied BioPhysics ECIS model results",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
)
