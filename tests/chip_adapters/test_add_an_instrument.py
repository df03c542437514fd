"""The page for newcomers: the adapter it builds works as it stands there."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, discovery, instruments, load, save
from skinmech_chip_adapters.adapter import Example
from skinmech_chip_adapters.discovery import identify

PAGE = Path(__file__).parents[2] / "docs" / "extending" / "add-an-instrument.md"
PACKAGE = "skinmech_chip_adapters.instruments.acme_teermeter"


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """The page's four files as a folder beside the other instruments."""
    blocks = re.findall(r"```python\n# (acme_teermeter/\w+\.py)\n(.*?)```", PAGE.read_text(), re.S)
    assert [name.split("/")[1] for name, _ in blocks] == [
        "reader.py", "structure.py", "__init__.py", "writer.py",
    ]  # fmt: skip
    (tmp_path / "more" / "acme_teermeter").mkdir(parents=True)
    for name, text in blocks:
        (tmp_path / "more" / name).write_text(text)
    monkeypatch.setattr(instruments, "__path__", [*instruments.__path__, str(tmp_path / "more")])
    discovery.adapters.cache_clear()
    yield importlib.import_module(f"{PACKAGE}.writer")
    discovery.adapters.cache_clear()
    for name in [one for one in sys.modules if one.startswith(PACKAGE)]:
        del sys.modules[name]


def test_adding_an_instrument_is_adding_one_folder(acme, read_example, tmp_path):
    one: Example = acme.example()
    assert identify(one.content, one.filename).name == "acme_teermeter"
    record = read_example(one)
    assert len(record.measurements) == one.measurements
    plain, over = record.measurements
    assert plain.value == 1250.5 and plain.chip_id == "C1" and plain.time_s == 72 * 3600.0
    assert over.censor == Censor.RIGHT and over.flags & Flag.LIMIT_UNKNOWN
    assert next(iter(record.sources.values())).adapter == "acme_teermeter"
    assert load(save(record, tmp_path / "study.h5")) == record


def test_the_pages_own_file_is_read(acme, read_bytes):
    (text,) = re.findall(r"```text\n(ACME.*?)```", PAGE.read_text(), re.S)
    sidecar = (
        acme.example()
        .sidecar.replace("A3 =", "#")
        .replace('time = "72 h"', 'time = "72 h"\ndate_order = "DMY"')
    )
    record = read_bytes(text.encode(), sidecar, "readings.txt")
    assert len(record.measurements) == 2


def test_every_cut_of_the_pages_file_is_refused(acme, read_example):
    one: Example = acme.example()
    for size in range(len(one.content) - 1):
        with pytest.raises(ChipDataError):
            read_example(one, one.content[:size])
