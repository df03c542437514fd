"""What a side-car declares about an instrument file and about the wells in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from skinmech_chip_adapters.schema import Censor


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a well, sample or whole file is: chip, time since its t0, location.

    Attributes:
        use: `sample`; or `standard`, `blank`, `control`, `empty`, which are kept out of the
            measurements (the file itself stays in the record).
    """

    chip: str = ""
    time_s: float = math.nan
    location: str = ""
    dilution: float = math.nan
    use: str = "sample"
    biological_replicate: str = ""
    technical_replicate: str = ""
    excluded: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One `[[file]]` of the side-car.

    Attributes:
        path: As written; relative to the side-car's folder.
        adapter: Name of the adapter, empty to find it by content.
        place: Chip, time and location that hold for the whole file.
        units: Unit by column or block of the file.
        analytes: Name in the study by name in the file.
        sentinels: Meaning of words and numbers that are no values.
        limits: Lower and upper limit of quantification by analyte, each (value, unit) or None.
        well_map: Place by `well:A01` or `sample:name`; None where there is no map.
        unmapped: `error`, or `skip` for wells that the map leaves out.
        expected: Number of `rows`, `points`, `sweeps` or `wells` the file should hold.
        extra: Further keys, which the adapter has to know.
    """

    path: str
    adapter: str = ""
    place: Place = Place()
    instrument: str = ""
    method: str = ""
    plate: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    date_order: str = ""
    timezone: str = ""
    temperature_degC: float = math.nan
    on_bad_row: str = "error"
    note: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    analytes: Mapping[str, str] = field(default_factory=dict)
    sentinels: Mapping[str, Censor] = field(default_factory=dict)
    limits: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    well_map: Mapping[str, Place] | None = None
    unmapped: str = "error"
    expected: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
