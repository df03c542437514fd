"""Instrument files of organs-on-chips, read into one canonical record. No JAX in here.

`read` files with a `Sidecar`, `save` and `load` the `ChipRecord`; every failure is a
`ChipDataError` that says where, what, and how to mend it.
"""

from skinmech_chip_adapters.adapter import Adapter as Adapter
from skinmech_chip_adapters.discovery import adapters as adapters
from skinmech_chip_adapters.errors import (
    ChipDataError as ChipDataError,
    ChipDataErrors as ChipDataErrors,
)
from skinmech_chip_adapters.observables import OBSERVABLES as OBSERVABLES
from skinmech_chip_adapters.reading import read as read
from skinmech_chip_adapters.record import (
    ChipRecord as ChipRecord,
    derivation as derivation,
)
from skinmech_chip_adapters.schema import (
    Censor as Censor,
    Chip as Chip,
    Derivation as Derivation,
    Device as Device,
    Exposure as Exposure,
    Flag as Flag,
    Kind as Kind,
    Measurement as Measurement,
    Series as Series,
    Setting as Setting,
    Spectrum as Spectrum,
    Study as Study,
    TimeQuality as TimeQuality,
)
from skinmech_chip_adapters.sidecar import Sidecar as Sidecar
from skinmech_chip_adapters.store import load as load, save as save
from skinmech_chip_adapters.summary import summary as summary
from skinmech_chip_adapters.table import Table as Table
