"""Bio-Plex Manager readings to measurements of fluorescence and concentration."""

from dataclasses import replace

from skinmech_chip_adapters.adapter import Message, Parsed, Records, Unparsed
from skinmech_chip_adapters.assay import MFI, Assay, Spot, Target, concentration
from skinmech_chip_adapters.declarations import FileEntry
from skinmech_chip_adapters.errors import ChipDataError
from skinmech_chip_adapters.instruments.bioplex_manager.reader import Plate, Reading
from skinmech_chip_adapters.placement import well_of
from skinmech_chip_adapters.readers import Cell, Stamp
from skinmech_chip_adapters.readers.sentinels import censored
from skinmech_chip_adapters.schema import Censor, Flag
from skinmech_chip_adapters.sidecar import Sidecar

_COLUMN = "MWObsConc"
_LOW_COUNT = "1"  # code of a reading with few beads
_UNSET = "data field has not been set"


def to_records(parsed: Parsed, sidecar: Sidecar, entry: FileEntry) -> Records:
    """Fluorescence, and concentration where its unit is known, of every mapped well."""
    plate: Plate = parsed.tables
    assay = Assay(parsed, sidecar, entry, method="Luminex xMAP")
    stamps = _stamps(plate, assay)
    targets = _targets(plate, assay)
    for one in plate.readings:
        where = f"well {one.well}, analyte {one.analyte!r}"
        with assay.problems.collect(locator=where):
            _reading(one, where, plate, assay, targets[one.analyte], stamps.get(one.well))
    return assay.records(rows=len(plate.readings), whole=True)


def _stamps(plate: Plate, assay: Assay) -> dict[str, Stamp]:
    texts = [(well, text) for well, text in plate.acquired.items() if text]
    stamps = assay.stamps([(f"well {well}", text) for well, text in texts])
    return dict(zip((well for well, _ in texts), stamps, strict=False))


def _targets(plate: Plate, assay: Assay) -> dict[str, Target | None]:
    """Where the concentration of each analyte goes; None where nobody states its unit."""
    targets: dict[str, Target | None] = {}
    computed = {one.analyte for one in plate.readings if _is_ok(one) and one.group == "Unknowns"}
    for name in dict.fromkeys(one.analyte for one in plate.readings):
        unit = assay.entry.units.get(_COLUMN, "") or plate.units.get(name, "")
        targets[name] = None
        with assay.problems.collect(locator=f"unit of analyte {name!r}"):
            targets[name] = concentration(unit) if unit else None
        if not unit and name in computed:
            assay.refused.append(Unparsed("", f"{_COLUMN} {name}", "no unit of concentration"))
            assay.messages.append(
                Message(
                    level="warning", code="unit_missing", locator=f"analyte {name!r}",
                    text="no unit of concentration, so only the fluorescence was kept; "
                    f'declare units = {{ "{_COLUMN}" = "pg/mL" }}',
                )
            )  # fmt: skip
    return targets


def _reading(
    one: Reading, where: str, plate: Plate, assay: Assay, target: Target | None,
    stamp: Stamp | None,
) -> None:  # fmt: skip
    mapped = assay.entry.well_map or {}
    described = f"sample:{one.description}" in mapped
    spot = Spot(
        where=where, well=well_of(one.well, where),
        sample=one.description if described else one.label, analyte=one.analyte,
        plate=plate.plates.get(one.well, ""), is_sample=one.group == "Unknowns",
    )  # fmt: skip
    columns = {
        "dilution": assay.cell(one.dilution).value,
        "n": assay.cell(plate.counts.get((one.well, one.region), "")).value,
        "stamp": stamp,
        "excluded": one.attributes.get("OutlierType", "None") not in ("None", ""),
        "flags": int(_flags(one)),
    }
    cell = assay.cell(one.fluorescence)
    if one.attributes.get("Valid", "true") != "true":
        cell = replace(censored(one.fluorescence, Censor.FAILED), flags=cell.flags)
    assay.add(spot, MFI, cell, **columns)
    if target is not None and one.concentration:
        assay.add(spot, target, _concentration(one, assay), **columns)


def _flags(one: Reading) -> Flag:
    code = one.attributes.get("Code", "0")
    if code == _LOW_COUNT:
        return Flag.LOW_COUNT
    return Flag(0) if code in ("0", "") else Flag.VENDOR_WARNING


def _is_ok(one: Reading) -> bool:
    return one.attributes.get(f"{_COLUMN}.ReadingOK", "") == "true"


def _concentration(one: Reading, assay: Assay) -> Cell:
    """The concentration with the state that its attributes give it.

    Raises:
        ChipDataError: `unknown_word` for a concentration that is not OK for an unknown reason.
    """
    cell = assay.cell(one.concentration)
    if _is_ok(one):
        return cell
    word = " ".join(one.attributes.get(f"{_COLUMN}.ReadError", "").split()).lower()
    state = next(
        (
            state
            for signs, state in (
                ((_UNSET,), Censor.MISSING),
                (("<", "below", "low"), Censor.LEFT),
                ((">", "above", "high"), Censor.RIGHT),
                (("error", "fail", "invalid", "unable", "bead"), Censor.FAILED),
            )
            if any(sign in word for sign in signs)
        ),
        assay.words.get(one.attributes.get(f"{_COLUMN}.ReadError", "")),
    )
    if state is None:
        raise ChipDataError(
            "unknown_word", found=f"ReadError {word[:40]!r} of a concentration that is not OK",
            expected="a reason such as 'OOR <' or 'OOR >'",
            remedy="declare the word under sentinels in the side-car",
        )  # fmt: skip
    return replace(censored(one.concentration, state), raw=f"{cell.raw} ({word})")
