"""Reading bytes without files, for the tests of loggers that read thousands of them."""

import json
from functools import lru_cache
from pathlib import Path

import pytest

from skinmech_chip_adapters import Sidecar
from skinmech_chip_adapters.adapter import Parsed, Records
from skinmech_chip_adapters.discovery import adapter_named

ENCODINGS = ("latin-1", "cp1252", "mac_roman", "utf-8", "utf-8-sig", "utf-16", "utf-16-be")
NEWLINES = ("\r\n", "\n", "\r", "mixed")
DECIMALS = (".", ",")

SIDECAR = """
[study]
id = "s"
{study}
[chip.C]
{chip}
[chip.D]
[[file]]
path = "f"
chip = "C"
{options}
"""


@lru_cache(maxsize=64)
def sidecar_of(options: str = 'time = "0 s"', chip: str = "", study: str = "") -> Sidecar:
    """A side-car with one file entry."""
    return Sidecar.from_text(SIDECAR.format(options=options, chip=chip, study=study))


def parsed_and_records(name: str, content: bytes, *sidecar: str) -> tuple[Parsed, Records]:
    """Both steps of an adapter."""
    adapter, declared = adapter_named(name), sidecar_of(*sidecar)
    parsed = adapter.read(content, declared.files[0])
    return parsed, adapter.to_records(parsed, declared, declared.files[0])


def records_of(name: str, content: bytes, *sidecar: str) -> Records:
    """What an adapter makes of bytes."""
    return parsed_and_records(name, content, *sidecar)[1]


def mixed(content: bytes, encoding: str) -> bytes:
    """The same text with line ends of two kinds (written with LF)."""
    lines = content.decode(encoding).split("\n")
    ends = ["\r\n" if index % 2 else "\n" for index in range(len(lines) - 1)] + [""]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return text.encode(encoding)


def recording(shared_data: Path, name: str) -> tuple[bytes, dict]:
    """Bytes of a recording and what is expected of it."""
    folder = shared_data / "instruments"
    if not (folder / name).is_file():
        pytest.skip(f"recording {name} is not in the reference data")
    expected = json.loads((folder / "EXPECTED.json").read_text("utf-8"))
    return (folder / name).read_bytes(), expected.get(name, {})


def codes(error: pytest.ExceptionInfo) -> set[str]:
    """Codes of all problems of an error."""
    return {one.code for one in error.value.errors}
