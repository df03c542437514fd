"""Formats that are recognised and not read: what they are, and the way round."""

import re
from dataclasses import dataclass

from skinmech_chip_adapters.readers import decode_head
from skinmech_chip_adapters.readers.workbook import peek


@dataclass(frozen=True, slots=True)
class Known:
    """A format without an adapter.

    Attributes:
        what: Its name.
        instead: What to give to the record in its place.
    """

    what: str
    instead: str


_TABLE = 'a table of the values wanted, read with adapter = "generic_table"'
_BYTES = (
    (
        b"\x00\x01\x00\x00Standard Jet DB",
        "a Jet database, such as the .plt file of xCELLigence RTCA",
        "the cell index exported as text (xcelligence_text)",
    ),
    (b"ZISRAWFILE", "a Zeiss CZI image", "its OME-TIFF export (ome_tiff), or " + _TABLE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file", "the workbook saved as .xlsx"),
)
_MEMBERS = ((b"apldbio/sds/", "a QuantStudio experiment (.eds)", "its results exported as text"),)
_WIDE = Known(
    "an Olink NPX table in the wide form, one column for each assay",
    "the same project exported in the long form, as CSV or parquet (olink)",
)
_TEXTS = (
    (re.compile(r"[^\n]*\n\"?NPX Data\b"), _WIDE.what, _WIDE.instead),
    (
        re.compile(r"SpectraSuite Data File|Data from .{1,80} Node|OceanView"),
        "a spectrum of an Ocean Optics spectrometer",
        "colour values computed by its software (L*, a*, b*, ITA): " + _TABLE,
    ),
    (
        re.compile(r"ZPLOT2 ASCII|ZView"),
        "an impedance sweep of ZPlot or ZView",
        'the sweep as columns: adapter = "generic_table", layout = "impedance"',
    ),
)


def recognised(content: bytes) -> Known | None:
    """The format of a file that no adapter claims, if it is one of those listed here."""
    for mark, what, instead in _BYTES:
        if content.startswith(mark):
            return Known(what, instead)
    if content.startswith(b"PK\x03\x04"):
        for mark, what, instead in _MEMBERS:
            if mark in content:
                return Known(what, instead)
        return _WIDE if "NPX Data" in peek(content) else None
    first = "\n".join(decode_head(content[:4096]).splitlines()[:3])
    for pattern, what, instead in _TEXTS:
        if pattern.match(first.lstrip()):
            return Known(what, instead)
    return None


def unread() -> tuple[Known, ...]:
    """All formats that are recognised and not read."""
    return tuple(Known(what, instead) for _, what, instead in (*_BYTES, *_MEMBERS, *_TEXTS))
