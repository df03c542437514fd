"""Writing ASM JSON as a converter does, for tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from skinmech_chip_adapters.adapter import Example


def measurement(
    number: int,
    values: Mapping[str, tuple[Any, str]],
    *,
    well: str = "",
    sample: str = "",
    plate: str = "",
    role: str = "",
    time: str = "",
    errors: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A measurement document.

    Args:
        number: Makes the identifier.
        values: Value and unit by name of the property.
        well, sample, plate, role: Of the sample document, where not empty.
        time: As text.
        errors: Words of the error documents.
        more: Further keys.
    """
    keys = {
        "sample identifier": sample,
        "location identifier": well,
        "well plate identifier": plate,
        "sample role type": role,
    }
    found: dict[str, Any] = {
        "measurement identifier": f"ID_{number}",
        "sample document": {key: value for key, value in keys.items() if value},
        **({"measurement time": time} if time else {}),
        **{name: {"value": value, "unit": unit} for name, (value, unit) in values.items()},
        **(more or {}),
    }
    if errors:
        documents = [{"error": word, "error feature": "reading"} for word in errors]
        found["error aggregate document"] = {"error document": documents}
    return found


def write(
    measurements: Sequence[Mapping[str, Any]],
    *,
    technique: str = "plate reader",
    time: str = "",
    well_count: int | None = None,
    calculated: Sequence[Mapping[str, Any]] = (),
    converter: str = "allotropy_example",
    encoding: str = "utf-8",
    newline: str = "\n",
    indent: int | None = 2,
) -> bytes:
    """An ASM file with one technique document for each measurement.

    Args:
        measurements: From `measurement`.
        technique: Name of the technique.
        time: Time above each measurement, where not empty.
        well_count: As the converter counts.
        calculated: Calculated data documents.
        converter: Its name.
        encoding, newline: Of the whole file.
        indent: Blanks for each level; None writes one line.
    """
    outer: dict[str, Any] = {} if well_count is None else {
        "plate well count": {"value": well_count, "unit": "#"}
    }  # fmt: skip
    if time:
        outer["measurement time"] = time
    documents = [
        {"measurement aggregate document": {"measurement document": [dict(one)], **outer}}
        for one in measurements
    ]
    aggregate: dict[str, Any] = {f"{technique} document": documents}
    if calculated:
        aggregate["calculated data aggregate document"] = {
            "calculated data document": list(calculated)
        }
    aggregate["data system document"] = {
        "ASM converter name": converter,
        "ASM converter version": "0.0.0",
    }
    root = {
        "$asm.manifest": f"http://purl.allotrope.org/manifests/{technique.replace(' ', '-')}",
        f"{technique} aggregate document": aggregate,
    }
    text = json.dumps(root, indent=indent, ensure_ascii=False)
    return (text.replace("\n", newline) + newline).encode(encoding)


def example() -> Example:
    """Absorbance of a six-well plate; one well is above range, one blank is left out."""
    wells = ("A1", "A2", "A3", "B1", "B2", "B3")
    values = (0.5, 1.25, 2.125, -0.0, 0.75, 0.0625)
    measurements = [
        measurement(
            number, {"absorbance": (value, "mAU"), "compartment temperature": (37.0, "degC")},
            well=well, plate="P1", errors=["OVRFLW"] if well == "B1" else (),
        )
        for number, (well, value) in enumerate(zip(wells, values, strict=True), 1)
    ]  # fmt: skip
    sidecar = """
[study]
id = "example"
[chip.C1]
[chip.C2]
[[file]]
path = "plate.json"
time = "24 h"
location = "basal"
expected = { wells = 6 }
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C1", technical_replicate = "2" }
A3 = { chip = "C1", technical_replicate = "3" }
B1 = { chip = "C2" }
B2 = { chip = "C2", technical_replicate = "2" }
B3 = { use = "blank" }
"""
    content = write(measurements, time="2026-03-17T09:30:00+00:00", well_count=6)
    return Example(filename="plate.json", content=content, sidecar=sidecar, measurements=5)
