"""The stored record: bit for bit, in the documented layout, migrated forward."""

import gzip
import io
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from skinmech_chip_adapters import (
    Censor,
    ChipDataError,
    ChipRecord,
    Measurement,
    Table,
    load,
    save,
    store,
)
from skinmech_chip_adapters.store import from_bytes, to_bytes
from tests.chip_adapters._odd_record import odd_record


@pytest.fixture
def record() -> ChipRecord:
    return odd_record()


def test_record_survives_bit_for_bit(record, tmp_path):
    again = load(save(record, tmp_path / "study.h5"))
    assert again == record
    old, new = record.measurements["value"], again.measurements["value"]
    assert old.tobytes() == new.tobytes()  # signed zero and NaN bits included
    for one, two in zip(record.spectra, again.spectra, strict=True):
        assert one.z_ohm.tobytes() == two.z_ohm.tobytes()
    assert again.measurements["censor"][-1] is Censor.MISSING
    assert again.content_hash() == record.content_hash()


def test_empty_record_survives():
    assert from_bytes(to_bytes(ChipRecord()), "x") == ChipRecord()


def test_layout_is_the_documented_one(record):
    with h5py.File(io.BytesIO(to_bytes(record)), "r") as file:
        assert file.attrs["schema"] == "skinmech-chip" and file.attrs["schema_version"] == "1.0"
        tables = "study devices chips cells exposures settings measurements spectra series"
        assert set(file) == {*tables.split(), "derivations", "sources", "external", "log"}
        assert h5py.check_enum_dtype(file["measurements/censor"].dtype)["left"] == 1
        assert file["measurements/flags"].dtype == np.uint32
        assert file["spectra/z_ohm"].dtype == np.complex128
        assert list(file["spectra/offset"][:]) == [0, 3, 4]
        source = file["sources/" + "ab" * 32]
        assert source.compression == "gzip" and source.shuffle and source.fletcher32


def test_other_hdf5_and_newer_schema_are_refused(record):
    with pytest.raises(ChipDataError, match="not_hdf5"):
        from_bytes(b"PK\x03\x04", "x.h5")
    with pytest.raises(ChipDataError, match="not_a_chip_record"):
        image = io.BytesIO()
        with h5py.File(image, "w") as file:
            file.create_dataset("x", data=[1.0])
        from_bytes(image.getvalue(), "x.h5")
    image = io.BytesIO(to_bytes(record))
    with h5py.File(image, "r+") as file:
        file.attrs["schema_version"] = "9.0"
    with pytest.raises(ChipDataError, match="unknown_schema_version"):
        from_bytes(image.getvalue(), "x.h5")


def test_records_of_every_released_schema_are_read(record):
    """Files written when the schema was released; kept for ever, never written again."""
    paths = sorted((Path(__file__).parent / "golden").glob("record_*.h5.gz"))
    assert [one.name for one in paths] == ["record_1_0.h5.gz"]
    for path in paths:
        assert from_bytes(gzip.decompress(path.read_bytes()), path.name) == record


def test_an_older_schema_is_migrated_in_memory(record, monkeypatch):
    image = io.BytesIO(to_bytes(record))
    with h5py.File(image, "r+") as file:
        file.attrs["schema_version"] = "0.9"
        file.move("measurements/note", "measurements/remark")

    def forward(file):
        file.move("measurements/remark", "measurements/note")
        return "1.0"

    with pytest.raises(ChipDataError, match="unknown_schema_version"):
        from_bytes(image.getvalue(), "x.h5")
    monkeypatch.setitem(store.MIGRATIONS, "0.9", forward)
    assert from_bytes(image.getvalue(), "x.h5") == record


def test_missing_table_is_one_clear_error(record):
    image = io.BytesIO(to_bytes(record))
    with h5py.File(image, "r+") as file:
        del file["measurements/censor"]
    with pytest.raises(ChipDataError, match="record_incomplete"):
        from_bytes(image.getvalue(), "x.h5")


def test_a_large_table_is_packed_and_survives(record):
    rows = [
        Measurement(measurement_id=f"m{i}", chip_id="C/1", observable="tewl", unit="g/m**2/h",
                    value=float(i), raw_text="µ" * (i % 7), source_id="ab" * 32)
        for i in range(3000)
    ]  # fmt: skip
    large = replace(record, measurements=Table.of(Measurement, rows))
    content = to_bytes(large)
    assert len(content) < 400_000
    assert from_bytes(content, "x") == large
