"""Fixtures of the chip bridge's tests: examples written by the adapters' own writers."""

import importlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from skinmech_chip_adapters import ChipDataError, ChipRecord, Sidecar, adapters, read
from skinmech_chip_adapters.adapter import Example

ADAPTER_NAMES = sorted(adapters())


def example_of(name: str) -> Example:
    """The small file that an adapter's writer makes."""
    return importlib.import_module(f"skinmech_chip_adapters.instruments.{name}.writer").example()


@pytest.fixture(params=ADAPTER_NAMES)
def adapter_name(request: pytest.FixtureRequest) -> str:
    """Name of each adapter in turn."""
    return request.param


@pytest.fixture
def example(adapter_name: str) -> Example:
    """The example of each adapter in turn."""
    return example_of(adapter_name)


@pytest.fixture(scope="session")
def examples() -> dict[str, Example]:
    """All examples by adapter."""
    return {name: example_of(name) for name in ADAPTER_NAMES}


ReadText = Callable[..., ChipRecord]


@lru_cache(maxsize=64)
def sidecar_in(folder: Path, text: str) -> Sidecar:
    """A side-car that is read a hundred times with damaged files beside it, parsed once."""
    return Sidecar.from_text(text, folder=folder)


@pytest.fixture
def read_bytes(tmp_path: Path) -> ReadText:
    """Read one file given as bytes, with a side-car given as text."""

    def run(content: bytes, sidecar: str, filename: str = "data.csv", **options) -> ChipRecord:
        (tmp_path / filename).write_bytes(content)
        return read(tmp_path / filename, sidecar_in(tmp_path, sidecar), **options)

    return run


@pytest.fixture
def read_example(read_bytes: ReadText) -> Callable[[Example], ChipRecord]:
    """Read an example, its bytes possibly exchanged."""

    def run(example: Example, content: bytes | None = None) -> ChipRecord:
        return read_bytes(
            example.content if content is None else content, example.sidecar, example.filename
        )

    return run


@pytest.fixture
def fails(read_bytes: ReadText):
    """Read one file given as bytes, which has to fail; returns the error."""

    def run(content: bytes, sidecar: str, filename: str = "data.csv"):
        with pytest.raises(ChipDataError) as caught:
            read_bytes(content, sidecar, filename)
        return caught

    return run


@pytest.fixture(scope="session")
def folder(shared_data: Path) -> Path:
    """The recorded instrument files; tests skip where they are absent."""
    found = shared_data / "instruments"
    if not (found / "EXPECTED.json").is_file():
        pytest.skip("no recordings of instruments in the reference data")
    return found


@pytest.fixture(scope="session")
def expected(folder: Path) -> dict[str, Any]:
    """What the recordings hold, by folder and file name."""
    return json.loads((folder / "EXPECTED.json").read_text("utf-8"))
