"""The contract between this package and an instrument: three functions and their data.

An adapter is a folder under `instruments/` whose package defines `ADAPTER` and whose module
`writer` has `example()`, so that the contract tests can try it. Adding one touches no other file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.schema import Measurement, Series, Spectrum
from skinmech_chip_adapters.sidecar import Sidecar


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well a file fits a format: score from 0 (no) to 1 (certain), and why."""

    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A remark for the record's log: `info`, `warning` or `error` (a block was refused)."""

    level: str
    code: str
    locator: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A column, line or block that was not mapped, and why. It stays in the stored file."""

    locator: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A file as tables, before any meaning is given to them.

    Attributes:
        tables: The format's own frozen dataclasses.
        header: Lines before and between the tables.
        unparsed: What was not mapped.
        messages: Remarks for the log.
        encoding, newline, delimiter, decimal, date_order: How the file was read.
        software: Instrument and software version as stated in the file.
    """

    tables: Any
    header: str = ""
    unparsed: tuple[Unparsed, ...] = ()
    messages: tuple[Message, ...] = ()
    encoding: str = ""
    newline: str = ""
    delimiter: str = ""
    decimal: str = ""
    date_order: str = ""
    software: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a file adds to the record. The identifiers of study and source are filled in later."""

    measurements: tuple[Measurement, ...] = ()
    spectra: tuple[Spectrum, ...] = ()
    series: tuple[Series, ...] = ()
    messages: tuple[Message, ...] = ()
    unparsed: tuple[Unparsed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A small file made by an adapter's own writer, and the side-car that makes it usable.

    Attributes:
        filename: As the instrument would call it.
        content: The file.
        sidecar: Text of `chip.toml`, the file's entry included.
        measurements, spectra, series: How many of each the record must hold.
    """

    filename: str
    content: bytes
    sidecar: str
    measurements: int = 0
    spectra: int = 0
    series: int = 0


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """One instrument format.

    Attributes:
        name: Name of the folder, and of the adapter in the side-car.
        display_name: Maker and product.
        version: Raised whenever the same file would give another record.
        release_state: `recorded` if checked on real files, `documented` if written from a
            description, `declared` if the side-car describes the format.
        aliases: Further names accepted in the side-car.
        reads_on_chip: False for assays of samples that were collected earlier: the time stamp in
            the file is then not the time on the chip, which the side-car has to state.
        extra_keys: Keys of `[[file]]` that only this adapter knows, with their meaning.
        sniff: First bytes and file name to evidence; cheap, and never an error.
        read: Bytes and the side-car's entry to tables; raises `ChipDataError`.
        to_records: Tables, side-car and entry to records; raises `ChipDataError`.
    """

    name: str
    display_name: str
    version: str
    release_state: str
    sniff: Callable[[bytes, str], Evidence]
    read: Callable[[bytes, FileEntry], Parsed]
    to_records: Callable[[Parsed, Sidecar, FileEntry], Records]
    aliases: tuple[str, ...] = ()
    reads_on_chip: bool = True
    extra_keys: Mapping[str, str] = field(default_factory=dict)
