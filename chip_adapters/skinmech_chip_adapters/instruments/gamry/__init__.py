"""Gamry Framework: impedance as data file (`.DTA`).

Latin-1 or UTF-8, tabs. EXPLAIN, then tags (`DATE⇥LABEL⇥4/23/2018⇥Date`), free notes whose number
is stated, and tables: `ZCURVE⇥TABLE` (the number of rows may follow), names, units, rows that start
with a tab. `Zimag` is negative for a capacitor. The decimal sign is that of the computer. An
aborted run says so behind its table. The tag AREA is 1 unless somebody typed another number, and
never used as the area of a membrane.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.instruments.gamry.reader import read, sniff
from skinmech_chip_adapters.instruments.gamry.structure import to_records

ADAPTER = Adapter(
    name="gamry",
    display_name="Gamry Framework",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
)
