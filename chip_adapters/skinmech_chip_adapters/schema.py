"""What a chip record consists of: one frozen dataclass per table or group.

The dataclasses are the schema: their fields are the columns in memory and in the HDF5 file. Text
fields are empty and numbers NaN where nothing was stated. Names carry units where the outside
world expects them (`time_s`, `frequency_Hz`).
"""

import math
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum

import numpy as np

SCHEMA = "skinmech-chip"
SCHEMA_VERSION = "1.0"

NAN = math.nan


class Censor(StrEnum):
    """State of a value. Only with `NONE` is the `value` column a number to be used as such.

    `LEFT`: the true value lies at or below `limit_high`. `RIGHT`: at or above `limit_low`.
    `INTERVAL`: between the two. `FAILED`: measured without success. `MISSING`: not measured or not
    reported. A limit nobody stated is NaN, with the flag `LIMIT_UNKNOWN`. The vendor's own
    extrapolated number, if any, stays in `raw_text`. Exclusion by a person is `excluded`.
    """

    NONE = "none"
    LEFT = "left"
    RIGHT = "right"
    INTERVAL = "interval"
    FAILED = "failed"
    MISSING = "missing"


class Kind(StrEnum):
    """How near a value is to the instrument."""

    RAW = "raw"
    CALIBRATED = "calibrated"
    DERIVED = "derived"


class TimeQuality(StrEnum):
    """What is known about a time stamp's zone."""

    FILE_ZONE = "file_zone"
    DECLARED_ZONE = "declared_zone"
    LOCAL_UNKNOWN = "local_unknown"
    ABSENT = "absent"


class Flag(IntFlag):
    """Remarks on a value or spectrum; several may hold."""

    ABORTED = 1
    PARTIAL_SOURCE = 2  # the file is cut; this block is whole, others are not
    UNVERIFIED_END = 4  # last block of a format without an end mark, and nothing confirms its size
    LIMIT_UNKNOWN = 8
    DUPLICATE = 16
    OUT_OF_CALIBRATION = 32
    NOT_CALCULABLE = 64
    LOW_COUNT = 128
    NEGATIVE_REAL = 256
    VENDOR_WARNING = 512
    BAD_ROW = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What the record is about."""

    study_id: str = ""
    title: str = ""
    context_of_use: str = ""
    contact: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A chip model or insert. Geometry comes from the side-car, never from an instrument file."""

    device_id: str
    maker: str = ""
    model: str = ""
    kind: str = ""
    membrane_area_cm2: float = NAN
    area_source: str = ""
    pore_um: float = NAN
    porosity: float = NAN
    membrane_thickness_um: float = NAN
    membrane_material: str = ""
    apical_volume_uL: float = NAN
    basal_volume_uL: float = NAN
    channel_length_um: float = NAN
    channel_width_um: float = NAN
    channel_height_um: float = NAN
    electrode_count: int = 0
    electrode_material: str = ""
    geometry_factor: float = 1.0
    geometry_factor_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One chip or insert of the study. `donor_id` is a pseudonym; `t0_utc` is ISO 8601."""

    chip_id: str
    device_id: str = ""
    group: str = ""
    donor_id: str = ""
    t0_utc: str = ""
    t0_event: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cells seeded on a chip; `time_s` since the chip's t0."""

    chip_id: str
    location: str = ""
    cell_type: str = ""
    lot: str = ""
    passage: str = ""
    density: float = NAN
    density_unit: str = ""
    time_s: float = NAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A substance given to a chip; NaN duration: not stated (it stays until something ends it)."""

    chip_id: str
    compound: str
    inchikey: str = ""
    value: float = NAN
    unit: str = ""
    time_s: float = NAN
    duration_s: float = NAN
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A condition of a chip (flow, temperature, …) from `time_s` on; NaN duration: not stated."""

    chip_id: str
    setting: str
    value: float = NAN
    unit: str = ""
    time_s: float = NAN
    duration_s: float = NAN
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of one quantity on one chip at one time; see `Censor` for what `value` means."""

    measurement_id: str = ""
    study_id: str = ""
    chip_id: str = ""
    location: str = ""
    observable: str = ""
    analyte: str = ""
    method: str = ""
    instrument_id: str = ""
    kind: Kind = Kind.RAW
    time_s: float = NAN
    t0_event: str = ""
    timestamp_text: str = ""
    timestamp_utc: str = ""
    time_quality: TimeQuality = TimeQuality.ABSENT
    value: float = NAN
    unit: str = ""
    raw_text: str = ""
    raw_unit: str = ""
    sd: float = NAN
    sd_origin: str = ""
    n: float = NAN
    censor: Censor = Censor.NONE
    limit_low: float = NAN
    limit_high: float = NAN
    dilution: float = NAN
    biological_replicate: str = ""
    technical_replicate: str = ""
    donor_id: str = ""
    plate_id: str = ""
    well: str = ""
    frequency_Hz: float = NAN
    temperature_degC: float = NAN
    excluded: bool = False
    flags: int = 0
    note: str = ""
    source_id: str = ""
    source_locator: str = ""
    derivation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spectrum:
    """One impedance sweep. Capacitive means a negative imaginary part, whatever the file wrote.

    Attributes:
        frequency_Hz: Shape (points,), as measured, in file order.
        z_ohm: Complex impedance, shape (points,).
        point_time_s: Time of each point since the instrument's own start, shape (points,), or NaN.
    """

    frequency_Hz: np.ndarray
    z_ohm: np.ndarray
    point_time_s: np.ndarray
    spectrum_id: str = ""
    study_id: str = ""
    chip_id: str = ""
    location: str = ""
    method: str = ""
    instrument_id: str = ""
    time_s: float = NAN
    t0_event: str = ""
    timestamp_text: str = ""
    timestamp_utc: str = ""
    time_quality: TimeQuality = TimeQuality.ABSENT
    excitation: str = ""
    amplitude: str = ""
    open_circuit_V: float = NAN
    temperature_degC: float = NAN
    technical_replicate: str = ""
    donor_id: str = ""
    well: str = ""
    excluded: bool = False
    flags: int = 0
    note: str = ""
    source_id: str = ""
    source_locator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One channel of a logger: many values at many times, too many for the measurement table.

    Attributes:
        time_s: Since the chip's t0, shape (points,).
        value: In `unit`, NaN where the logger gave none, shape (points,).
        status_text: The logger's own word for each point, shape (points,), object array of str.
    """

    time_s: np.ndarray
    value: np.ndarray
    status_text: np.ndarray
    channel: str = ""
    study_id: str = ""
    chip_id: str = ""
    location: str = ""
    observable: str = ""
    analyte: str = ""
    unit: str = ""
    method: str = ""
    instrument_id: str = ""
    t0_event: str = ""
    time_quality: TimeQuality = TimeQuality.ABSENT
    flags: int = 0
    note: str = ""
    source_id: str = ""
    source_locator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How derived values were computed, so that they can be computed again.

    `inputs_json` lists identifiers of the measurements and spectra used; `parameters_json` holds
    everything else that went in; `result_json` what came out beside the measurement rows.
    """

    derivation_id: str
    name: str = ""
    version: str = ""
    parameters_json: str = "{}"
    inputs_json: str = "[]"
    result_json: str = "{}"
    residual: float = NAN
    accepted: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An instrument file, byte for byte, and how it was read. Identified by its sha256."""

    source_id: str
    content: bytes = field(repr=False, default=b"")
    filename: str = ""
    size: int = 0
    encoding: str = ""
    newline: str = ""
    delimiter: str = ""
    decimal: str = ""
    date_order: str = ""
    adapter: str = ""
    adapter_version: str = ""
    instrument_software: str = ""
    header_text: str = field(repr=False, default="")
    unparsed_json: str = field(repr=False, default="[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """A file too large to be kept inside, by reference."""

    path: str
    size: int = 0
    sha256: str = ""
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A remark made while reading. `level` is `info`, `warning` or `error`."""

    level: str
    code: str
    source_id: str = ""
    locator: str = ""
    text: str = ""
