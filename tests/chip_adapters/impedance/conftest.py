"""Fixtures for the impedance formats: recordings, and reading bytes without a file."""

import importlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, ChipRecord, Sidecar, adapters, read
from skinmech_chip_adapters.adapter import Example, Parsed, Records

FORMATS = (
    *("biologic_mpt", "cellzscope_model", "cellzscope_raw", "ecis_abp", "ecis_rba", "gamry"),
    *("palmsens", "sciospec", "xcelligence_text"),
)


def example_of(name: str) -> Example:
    """The small file that an adapter's writer makes."""
    return importlib.import_module(f"skinmech_chip_adapters.instruments.{name}.writer").example()


def sidecar_text(path: str, chips: Sequence[str], options: str = "", wells: Any = None) -> str:
    """A side-car for one file.

    Args:
        path: Of the file.
        chips: Names to declare; the first is the file's unless there is a well map.
        options: Further lines of the entry.
        wells: Chip by well or sample.
    """
    lines = ["[study]", 'id = "s"', *(f"[chip.{chip}]" for chip in chips)]
    lines += ["[[file]]", f'path = "{path}"', *([] if wells else [f'chip = "{chips[0]}"']), options]
    if wells:
        lines += ["[file.well_map]"]
        lines += [f'"{well}" = {{ chip = "{chip}" }}' for well, chip in wells.items()]
    return "\n".join(lines)


def parse(name: str, content: bytes, sidecar: Sidecar) -> tuple[Parsed, Records]:
    """Tables and records of a file given as bytes; the side-car has one entry."""
    adapter, (entry,) = adapters()[name], sidecar.files
    parsed = adapter.read(content, entry)
    return parsed, adapter.to_records(parsed, sidecar, entry)


F = np.array([1000.0, 100.0, 10.0])
Z = np.array([100.5 - 10.0j, 200.25 - 20.0j, 300.125 - 30.0j])
WHEN = datetime(2026, 4, 3, 16, 43, 15)
SWEEPS = ("biologic_mpt", "cellzscope_raw", "ecis_abp", "gamry", "palmsens", "sciospec")


def one(name, content, options="", wells=None):
    """Tables and records of a file for chip C1, or for the chips of the wells."""
    chips = list(dict.fromkeys((wells or {"": "C1"}).values()))
    text = sidecar_text("data", chips, f'time = "24 h"\n{options}', wells)
    return parse(name, content, Sidecar.from_text(text))


def fails(name, content, options="", wells=None):
    """Codes and text of the error that a file gives."""
    with pytest.raises(ChipDataError) as caught:
        one(name, content, options, wells)
    return {problem.code for problem in caught.value.errors}, str(caught.value)


def example(name, old=b"", new=b"", count=-1):
    """An example with its own side-car, its bytes changed; the declared size taken out."""
    made = example_of(name)
    assert not old or old in made.content
    sidecar = re.sub(r"\nexpected = .*", "", made.sidecar)
    return name, made.content.replace(old, new, count), Sidecar.from_text(sidecar)


def example_fails(name, old, new, count=-1):
    """Codes and text of the error that a changed example gives."""
    with pytest.raises(ChipDataError) as caught:
        parse(*example(name, old, new, count))
    return {problem.code for problem in caught.value.errors}, str(caught.value)


class Recordings:
    """Real files, read with a side-car made on the spot."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.expected = json.loads((folder / "EXPECTED.json").read_text("utf-8"))

    def read(self, name: str, wells: Sequence[str] = (), options: str = "") -> ChipRecord:
        """One recording; each well becomes a chip of its own."""
        path = self.folder / name
        chips = [f"C{number}" for number in range(max(1, len(wells)))]
        text = sidecar_text(
            path.name, chips, f'time = "1 h"\n{options}', dict(zip(wells, chips, strict=False))
        )
        return read(path, Sidecar.from_text(text, folder=path.parent))


@pytest.fixture(scope="session")
def recordings(folder: Path) -> Recordings:
    """The recorded instrument files, and a short way to read one."""
    return Recordings(folder)
