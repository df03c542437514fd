"""A folder of what instruments wrote: nothing in it is forgotten in silence."""

import os

import pytest

from skinmech_chip_adapters import ChipDataError, read
from skinmech_chip_adapters.discovery import identify
from skinmech_chip_adapters.known import recognised
from tests.chip_adapters.conftest import example_of
from tests.chip_adapters.safety._bombs import workbook

CAR = """
[study]
id = "s"
targets = ["IL-6", "IL-8"]
[chip.C1]
"""
SWEEPS = '[[file]]\npath = "eis/sweeps"\nchip = "C1"\ntime = "24 h"\n'


@pytest.fixture
def measured(tmp_path):
    """A folder with sweeps in a folder of their own, a note, hidden files and a side-car."""
    (tmp_path / "eis").mkdir()
    (tmp_path / "eis" / "sweeps").write_bytes(example_of("autolab_nova").content)
    (tmp_path / "key.csv").write_bytes(b"chip;plate\nC1;3\n")
    (tmp_path / ".hidden").write_bytes(example_of("gamry").content)
    (tmp_path / "~$plate.xlsx").write_bytes(b"lock")
    (tmp_path / "chip.toml").write_text(CAR + SWEEPS)
    return tmp_path


def test_a_folder_gives_all_that_the_side_car_lists(measured):
    record = read(measured, measured / "chip.toml")
    assert len(record.spectra) == 2 and len(record.sources) == 1
    (remark,) = record.log.select(code="left_out")
    assert remark.text == "1 files are not listed in the side-car and of no known format: key.csv"
    again = read([measured, measured / "eis"], measured / "chip.toml")
    assert len(again.sources) == 1 and "already_read" not in again.log["code"]


def test_a_forgotten_instrument_file_is_named_with_its_format(measured):
    for name, adapter in (("a.csv", "bmg_mars"), ("b.DTA", "gamry")):
        (measured / name).write_bytes(example_of(adapter).content)
    with pytest.raises(ChipDataError) as caught:
        read(measured, measured / "chip.toml")
    assert [(one.code, one.file) for one in caught.value.errors] == [
        ("file_not_declared", "a.csv"), ("file_not_declared", "b.DTA"),
    ]  # fmt: skip
    text = str(caught.value)
    assert "format bmg_mars" in text and "format gamry" in text and 'path = "a.csv"' in text


def test_a_listed_file_that_is_not_there_is_missing(measured):
    (measured / "eis" / "sweeps").unlink()
    with pytest.raises(ChipDataError, match="file_missing"):
        read(measured, measured / "chip.toml")


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_to_a_folder_is_not_followed(measured, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "b.DTA").write_bytes(example_of("gamry").content)
    (measured / "link").symlink_to(elsewhere, target_is_directory=True)
    assert len(read(measured, measured / "chip.toml").sources) == 1


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"SpectraSuite Data File\r\n++++\r\n178.65\t0,000\r\n", "Ocean Optics"),
        (b"\x00\x01\x00\x00Standard Jet DB\0" + bytes(99), "Jet database"),
        (b"ZISRAWFILE" + bytes(99), "CZI"),
        (b"PK\x03\x04" + bytes(26) + b"apldbio/sds/experiment.xml", ".eds"),
        (b"ZPLOT2 ASCII\nZView\n", "ZPlot"),
        (b"Project;NPX Signature 1\r\nNPX Data;;\r\nPanel;P;P\r\n", "Olink NPX table in the wide"),
    ],
)
def test_a_known_format_without_an_adapter_is_refused_by_name(content, what, measured):
    with pytest.raises(ChipDataError) as caught:
        identify(content, "x")
    assert caught.value.code == "format_not_read" and what in caught.value.found
    assert "give instead: " in caught.value.remedy
    (measured / "extra").write_bytes(content)
    remarks = read(measured, measured / "chip.toml").log.select(code="left_out")
    assert any("of a format that is not read: extra" in one.text for one in remarks)


def test_the_wide_olink_workbook_is_refused_by_name():
    content = workbook("<row><c t='inlineStr'><is><t>NPX Data</t></is></c></row>")
    with pytest.raises(ChipDataError, match="wide form"):
        identify(content, "npx.xlsx")


def test_what_an_adapter_claims_is_not_called_unread(examples):
    assert not [name for name, one in examples.items() if recognised(one.content)]
