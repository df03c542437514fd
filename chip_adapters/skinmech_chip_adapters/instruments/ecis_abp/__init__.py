"""Applied BioPhysics ECIS: impedance of every well, time and frequency (`.abp`).

ASCII with sections. `[ECIS_Parameters]` holds `Key = value` (ISO date of the start, wells,
frequencies with a comma behind the last one); `[Headings]` the titles `Index, Time, R 250, X 250,
…`; `[Data]` rows `T1W13 = hours , R , X , …` in ohm, X negative for a capacitor. Where the vendor's
software has resampled the times, `[Comments]` says so and ends the file. Wells are numbers: column
after column on a 96-well plate (13 is E02). On other plates the well map names the number itself.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.ecis_abp.reader import read, sniff
from skinmech_chip_adapters.instruments.ecis_abp.structure import to_records

ADAPTER = Adapter(
    name="ecis_abp",
    display_name="Applied BioPhysics ECIS impedance",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    aliases=("ecis",),
)
