"""Applied Biosystems QuantStudio: quantification cycles as text, or as xlsx of Design & Analysis.

Text: lines `* Key = value`, then sections `[Sample Setup]`, `[Amplification Data]`, `[Results]`,
each a tab-separated table; lines such as `Analysis Type = …` may end the file.
Workbook: a sheet `Results` with the keys above the titles. The cycle is called `CT`, `Cт` (with a
Cyrillic letter), `CRT` or `Cq`, the sample `Sample Name` or `Sample`, the target `Target Name` or
`Target`. `Undetermined` is right-censored at the last cycle: the largest one of `[Amplification
Data]` if that section is whole, else `cycles` of the side-car, else unknown. Only tasks `UNKNOWN`
are samples; a reaction with `Omit` true is excluded. Numbers follow the computer's locale. The
run's end is written with a zone abbreviation (`EDT`), which names no zone by itself.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.cycles import CYCLES_KEY
from skinmech_chip_adapters.instruments.quantstudio.reader import read, sniff
from skinmech_chip_adapters.instruments.quantstudio.structure import to_records

ADAPTER = Adapter(
    name="quantstudio",
    display_name="Applied Biosystems QuantStudio (text, xlsx)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    extra_keys=CYCLES_KEY,
)
