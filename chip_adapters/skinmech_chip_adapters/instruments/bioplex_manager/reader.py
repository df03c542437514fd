"""Bio-Plex Manager XML to readings of wells, without meaning."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from skinmech_chip_adapters.adapter import Evidence, Message, Parsed, Unparsed
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.readers import decide_decimal, decode_head
from skinmech_chip_adapters.readers.titled import refuse_binary, wrong_format
from skinmech_chip_adapters.readers.xml_text import (
    child_text,
    children,
    decode_xml,
    local,
    root_name,
    xml_root,
)

_GZIP = b"\x1f\x8b"
_ROOT = "BioPlexManager"
_EXPECTED = "a Bio-Plex Manager export (XML with root BioPlexManager)"
_GROUPS = ("Blanks", "Controls", "Standards", "Unknowns")
_LEFT_OUT = {
    "BeadEventData": "single beads",
    "RunConditions": "state of the instrument",
    "RunSettings": "settings of the instrument",
    "Analytes": "means of replicates, which are kept one by one",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One analyte in one well.

    Attributes:
        group: `Blanks`, `Controls`, `Standards` or `Unknowns`.
        well: Row letter and column number.
        region: Number of the bead region.
        attributes: Of `Reading` and of `MWObsConc`, the latter led by `MWObsConc.`.
    """

    group: str
    label: str
    description: str
    dilution: str
    well: str
    region: str
    analyte: str
    fluorescence: str
    concentration: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Plate:
    """A file as written.

    Attributes:
        counts: Bead count by well and region.
        acquired: Time text by well.
        plates: Plate by well.
        units: Unit of concentration by analyte, empty where the file states none.
    """

    readings: tuple[Reading, ...]
    counts: dict[tuple[str, str], str]
    acquired: dict[str, str]
    plates: dict[str, str]
    units: dict[str, str]


def sniff(head: bytes, name: str) -> Evidence:
    """The name of the root element, compressed or not."""
    if head.startswith(_GZIP):
        try:
            head = zlib.decompressobj(wbits=31).decompress(head[:65536], 4096)
        except zlib.error:
            return Evidence(0.0)
    text = decode_head(head)
    if root_name(text).rsplit(":", 1)[-1] == _ROOT:
        return Evidence(0.95, ("root element BioPlexManager",))
    return Evidence(0.0)


def read(content: bytes, entry: FileEntry) -> Parsed:
    """All readings of the plate."""
    if content.startswith(_GZIP):
        from skinmech_chip_adapters.readers.archive import gunzip  # XML alone needs none

        content = gunzip(content)
    refuse_binary(content, _EXPECTED)
    text = decode_xml(content, entry.encoding)
    whole = "\n".join(text.lines)
    if root_name(whole).rsplit(":", 1)[-1] != _ROOT:
        raise wrong_format("line 1", "another root element", _EXPECTED)
    root = xml_root(text)
    plate = Plate(
        readings=tuple(_readings(root)),
        counts={
            (_well(well), region.get("RegionNumber", "")): child_text(region, "RegionCount")
            for well in children(root, "Wells", "Well")
            for region in children(well, "BeadRegions", "BeadRegion")
        },
        acquired={_well(well): child_text(well, "AcquisitionTime")
                  for well in children(root, "Wells", "Well")},
        plates={_well(well): child_text(well, "PlateID")
                for well in children(root, "Wells", "Well")},
        units={child_text(one, "AnalyteName"): child_text(one, "ConcentrationUnits")
               for one in children(root, "StandardCurves", "Interpolators", "Interpolator")},
    )  # fmt: skip
    messages = []
    if not plate.readings:
        messages.append(Message(level="warning", code="no_rows", text="the file holds no readings"))
    tokens = (
        (0, text)
        for one in plate.readings
        for text in (one.fluorescence, one.concentration, one.dilution)
    )
    present = {local(element) for element in root.iter()}
    return Parsed(
        tables=plate,
        header=whole[: whole.find("<Wells")][:4000] if "<Wells" in whole else "",
        unparsed=tuple(
            Unparsed("", name, reason) for name, reason in _LEFT_OUT.items() if name in present
        ),
        messages=tuple(messages),
        encoding=text.encoding,
        newline=text.newline,
        decimal=decide_decimal(tokens, entry.decimal, "."),
        software=f"Bio-Plex Manager {root.get('BioPlexManagerVersion', '')}".strip(),
    )


def _readings(root: Element) -> Iterator[Reading]:
    for group in _GROUPS:
        for sample in children(root, "Samples", group, group.removesuffix("s")):
            label = child_text(sample, "Label")
            for well in children(sample, "MemberWells", "MemberWell"):
                for one in children(well, "MWAnalytes", "MWAnalyte"):
                    yield _reading(one, group, label, sample, _well(well))


def _reading(one: Element, group: str, label: str, sample: Element, well: str) -> Reading:
    analyte = child_text(one, "AnalyteName")
    for name in ("AnalyteName", "Reading"):
        if not child_text(one, name):
            raise ChipDataError(
                "element_missing", locator=f"well {well}, analyte {analyte[:40]!r}",
                found=f"no {name}", expected="AnalyteName and Reading in each MWAnalyte",
                remedy="export the file again",
            )  # fmt: skip
    attributes = dict(children(one, "Reading")[0].attrib)
    computed = children(one, "MWObsConc")
    if computed:
        attributes |= {f"MWObsConc.{name}": text for name, text in computed[0].attrib.items()}
    return Reading(
        group, label, child_text(sample, "Description"), child_text(sample, "Dilution"), well,
        one.get("RegionNumber", ""), analyte, child_text(one, "Reading"),
        child_text(one, "MWObsConc"), attributes,
    )  # fmt: skip


def _well(element: Element) -> str:
    """Name of a well from its row and column number.

    Raises:
        ChipDataError: `not_a_well`.
    """
    row, column = element.get("RowNo", ""), element.get("ColNo", "")
    number = re.compile(r"[1-9]\d?", re.ASCII)
    if number.fullmatch(row) and number.fullmatch(column) and int(row) <= 16:
        return f"{chr(ord('A') + int(row) - 1)}{int(column)}"
    raise ChipDataError(
        "not_a_well", locator=local(element), found=f"row {row[:10]!r}, column {column[:10]!r}",
        expected="a row from 1 to 16 and a column from 1 to 24", remedy="export the file again",
    )  # fmt: skip
