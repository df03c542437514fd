"""One quantity read in the wells of a plate, as every plate format is brought to."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from skinmech_chip_adapters.schema import Kind


@dataclass(frozen=True, slots=True)
class WellText:
    """A well's cell as written, blanks around it removed, and its place in the file."""

    well: str
    text: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The same quantity in many wells of one plate.

    Attributes:
        name: Label of the block in the file; the key of `units` and `analytes` in the side-car.
        quantity: `absorbance`, `fluorescence`, `luminescence`, `concentration`, or empty where the
            file does not tell.
        detail: What tells this block from others of the quantity, such as `450 nm`.
        plate: Name of the plate, unique within the file.
        locator: Place of the block in the file.
        wells: Cells in file order, blank ones included.
        kind: How near the values are to the instrument.
        unit: Unit as the file states it, or empty.
        samples: Name of the sample by well, where the file has a layout.
        date: Place and text of the time stamp, or None.
        elapsed: Seconds since the first reading of a kinetic run, or NaN.
        temperature: In °C, or NaN.
        is_whole: False if nothing in the file confirms that no row is missing.
        flags: Remarks that hold for all wells.
    """

    name: str
    quantity: str
    detail: str
    plate: str
    locator: str
    wells: tuple[WellText, ...]
    kind: Kind = Kind.RAW
    unit: str = ""
    samples: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    date: tuple[str, str] | None = None
    elapsed: float = math.nan
    temperature: float = math.nan
    is_whole: bool = True
    flags: int = 0
