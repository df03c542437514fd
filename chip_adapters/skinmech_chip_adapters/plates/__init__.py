"""What all plate readers share: blocks of wells, their completeness, and the way to records."""

from skinmech_chip_adapters.plates.blocks import (
    Reading as Reading,
    WellText as WellText,
)
from skinmech_chip_adapters.plates.cuts import Cuts as Cuts
from skinmech_chip_adapters.plates.decimals import plate_decimal as plate_decimal
from skinmech_chip_adapters.plates.grid import (
    columns_of as columns_of,
    grid_rows as grid_rows,
    is_whole as is_whole,
)
from skinmech_chip_adapters.plates.records import (
    EXTRA_KEYS as EXTRA_KEYS,
    plate_records as plate_records,
)
