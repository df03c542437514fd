"""RDML, the interchange format of quantitative PCR: XML, as a rule zipped.

A zip archive with one XML file, whose name differs between makers (`rdml_data.xml`,
`BioRad_qPCR_melt.xml`), or the XML alone; it is found by its root element `rdml`. `sample` elements
declare a type (`unkn`, `std`, `ntc`, …). In `experiment/run`, each `react` is a well: its `id` is a
name (`A1`) or a number that `pcrFormat` (rows, columns) turns into one; each `data` in it is a
target with `cq`, an optional reason for exclusion (`excl`) and the curve (`adp`). Without
amplification, `cq` is the number of the last cycle, `-1` or `NaN`: where the curve shows the last
cycle the value is right-censored there, else `-1` and `NaN` are missing. Several runs are several
plates. `runDate` has no zone. The end of the root element shows that the file is whole.
"""

from skinmech_chip_adapters.adapter import Adapter
from skinmech_chip_adapters.cycles import CYCLES_KEY
from skinmech_chip_adapters.instruments.rdml.reader import read, sniff
from skinmech_chip_adapters.instruments.rdml.structure import to_records

ADAPTER = Adapter(
    name="rdml",
    display_name="RDML (quantitative PCR)",
    version="1",
    release_state="recorded",
    sniff=sniff,
    read=read,
    to_records=to_records,
    reads_on_chip=False,
    extra_keys=CYCLES_KEY,
)
