"""Writing plates as Bio-Plex Manager does, for tests and simulated recordings."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from skinmech_chip_adapters.adapter import Example

_NAMES = {"utf-8-sig": "UTF-8", "latin-1": "ISO-8859-1", "cp1252": "windows-1252"}
_NAMESPACE = "http://www.Bio-Rad.com/XMLschema/2010/Bio-Plex_5"


@dataclass(frozen=True, slots=True)
class WellValues:
    """One well: fluorescence and concentration by analyte.

    A concentration may be a number, the software's reason why there is none (`OOR <`), or None.
    """

    well: str
    label: str
    median: Mapping[str, float]
    concentration: Mapping[str, float | str | None]
    count: int = 50
    group: str = "Unknown"
    dilution: float = 1.0
    code: str = "0"
    outlier: str = "None"


def write(
    plate: str,
    wells: Sequence[WellValues],
    *,
    unit: str = "",
    newline: str = "\r\n",
    encoding: str = "utf-8",
    packed: bool = False,
) -> bytes:
    """A Bio-Plex Manager XML.

    Args:
        plate: Identifier of the plate.
        wells: In reading order; all with the same analytes.
        unit: Of concentration, for every analyte; empty as in most files.
        newline: `\\r\\n`, `\\n` or `\\r`.
        encoding: A Python encoding; the declaration names it.
        packed: Compress with gzip.
    """
    analytes = list(wells[0].median)
    regions = {name: str(12 + 3 * i) for i, name in enumerate(analytes)}
    name = _NAMES.get(encoding, "UTF-16" if encoding.startswith("utf-16") else encoding.upper())
    lines = [
        f'<?xml version="1.0" encoding="{name}"?>',
        f'<bpm:BioPlexManager xmlns:bpm="{_NAMESPACE}" BioPlexManagerVersion="6.2.0.175">',
        '    <PlateDimensions Columns="12" Rows="8" TotalWells="96" />',
        "    <Wells>",
    ]
    for one in wells:
        lines += _acquired(plate, one, regions)
    lines += ["    </Wells>", "    <StandardCurves>", "        <Interpolators>"]
    for analyte, region in regions.items():
        lines += [
            f'            <Interpolator RegionNumber="{region}">',
            f"                <AnalyteName>{escape(analyte)}</AnalyteName>",
            f"                <ConcentrationUnits>{escape(unit)}</ConcentrationUnits>",
            "            </Interpolator>",
        ]
    lines += ["        </Interpolators>", "    </StandardCurves>", "    <Samples>"]
    for group in ("Blank", "Control", "Standard", "Unknown"):
        lines.append(f"        <{group}s>")
        for one in wells:
            lines += _sample(one, regions) if one.group == group else []
        lines.append(f"        </{group}s>")
    lines += ["    </Samples>", "</bpm:BioPlexManager>"]
    content = "".join(line + newline for line in lines).encode(encoding)
    return gzip.compress(content, mtime=0) if packed else content


def _place(well: str) -> str:
    return f'RowNo="{ord(well[0]) - ord("A") + 1}" ColNo="{int(well[1:])}"'


def _acquired(plate: str, one: WellValues, regions: Mapping[str, str]) -> list[str]:
    lines = [
        f"        <Well {_place(one.well)}>",
        f"            <PlateID>{escape(plate)}</PlateID>",
        "            <AcquisitionTime>2023-05-09T18:55:02Z</AcquisitionTime>",
        '            <RunConditions><PlatformTemp Unit="°C">23.56</PlatformTemp></RunConditions>',
        "            <BeadRegions>",
    ]
    for region in regions.values():
        lines += [
            f'                <BeadRegion RegionNumber="{region}">',
            f"                    <RegionCount>{one.count}</RegionCount>",
            "                </BeadRegion>",
        ]
    return [*lines, "            </BeadRegions>", "        </Well>"]


def _sample(one: WellValues, regions: Mapping[str, str]) -> list[str]:
    lines = [
        f"            <{one.group}>",
        f"                <Description></Description><Label>{escape(one.label)}</Label>",
        f"                <Dilution>{_number(one.dilution)}</Dilution>",
        f"                <MemberWells><MemberWell {_place(one.well)}><MWAnalytes>",
    ]
    for analyte, region in regions.items():
        stated = one.concentration.get(analyte)
        ok = isinstance(stated, (int, float))
        reason = "OK" if ok else stated or "Data field has not been set"
        value = _number(stated) if isinstance(stated, (int, float)) else "0.00000000000000000E+000"
        lines += [
            f'                    <MWAnalyte RegionNumber="{region}">',
            f"                        <AnalyteName>{escape(analyte)}</AnalyteName>",
            f'                        <Reading Valid="true" Code="{one.code}" '
            f'OutlierType="{one.outlier}">{_number(one.median[analyte])}</Reading>',
            f'                        <MWObsConc ReadingOK="{str(ok).lower()}" '
            f"ReadError={quoteattr(str(reason))}>{value}</MWObsConc>",
            "                    </MWAnalyte>",
        ]
    lines.append("                </MWAnalytes></MemberWell></MemberWells>")
    return [*lines, f"            </{one.group}>"]


def _number(value: float) -> str:
    """A number with seventeen digits and an exponent of three, as the software writes it."""
    mantissa, exponent = f"{value:.17E}".split("E")
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):03d}"


def example() -> Example:
    """Two chips, a blank and a standard; two analytes, one concentration below range."""
    blank = {"IL-6": 20.5, "IL-8": 18.0}
    wells = [
        WellValues("A1", "B", blank, {}, group="Blank"),
        WellValues("A2", "S1", {"IL-6": 30000.0, "IL-8": 29000.5}, {}, group="Standard"),
        WellValues("B1", "X1", {"IL-6": 810.5, "IL-8": 95.25}, {"IL-6": 12.5, "IL-8": "OOR <"}),
        WellValues("B2", "X2", {"IL-6": 1620.0, "IL-8": 400.0}, {"IL-6": 25.0, "IL-8": 6.125}),
    ]
    sidecar = """
[study]
id = "example"
targets = ["IL-6", "IL-8"]
[chip.C1]
[chip.C2]
[[file]]
path = "plate.xml"
time = "72 h"
location = "effluent_apical"
limits = { "IL-8" = { low = "0.5 pg/mL" } }
[file.well_map]
B1 = { chip = "C1" }
B2 = { chip = "C2" }
"""
    return Example(
        filename="plate.xml", content=write("P1", wells, unit="pg/mL"), sidecar=sidecar,
        measurements=8,
    )  # fmt: skip
