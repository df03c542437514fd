"""The stored record: bit for bit, whole or not at all, and nothing hostile."""

import errno
import io
import os
import subprocess
import sys
from dataclasses import replace
from types import MappingProxyType

import h5py
import numpy as np
import pytest

from skinmech_chip_adapters import (
    Censor,
    Chip,
    ChipDataError,
    ChipRecord,
    Device,
    Exposure,
    Measurement,
    Series,
    Setting,
    Spectrum,
    Study,
    Table,
    derivation,
    files,
    load,
    probe,
    save,
    store,
)
from skinmech_chip_adapters.audit import safe_open
from skinmech_chip_adapters.schema import Cells, External, LogEntry, Source
from skinmech_chip_adapters.store import from_bytes, to_bytes


@pytest.fixture
def record() -> ChipRecord:
    """A record that uses every table, with NaN, infinity, signed zero, Ω and empty text."""
    generator = np.random.default_rng(1)
    odd = np.array([0.0, -0.0, np.nan, np.inf, 5e-324, 1.7e308, 0.1 + 0.2])
    spectra = tuple(
        Spectrum(
            frequency_Hz=np.geomspace(1, 1e5, n),
            z_ohm=generator.normal(size=n) * (1 - 2j),
            point_time_s=np.full(n, np.nan),
            spectrum_id=f"s{n}",
            chip_id="C/1",
            time_s=float(n),
        )  # fmt: skip
        for n in (3, 1, 5)
    )
    status = np.array(["OK", "", "Ω not OK"], dtype=object)
    series = Series(
        time_s=np.arange(3.0), value=np.array([1.0, np.nan, 3.0]), status_text=status,
        channel="flow 1", chip_id="C/1", observable="flow", unit="uL/min",
    )  # fmt: skip
    recipe = derivation("fit", "1", {"area": 0.33}, ["s3"], result={"R": 1.5}, residual=0.01)
    rows = [
        Measurement(measurement_id=f"m{i}", chip_id="C/1", observable="teer", unit="ohm*cm**2",
                    value=value, raw_text="Ω·cm²", flags=2**32 - 1, excluded=i == 2)
        for i, value in enumerate(odd)
    ]  # fmt: skip
    rows += [
        Measurement(measurement_id=state.value, chip_id="C/1", observable="concentration",
                    unit="pg/mL", censor=state, derivation_id=recipe.derivation_id)
        for state in Censor
    ]  # fmt: skip
    source = Source(source_id="ab" * 32, content=bytes(range(256)), filename="a.txt", size=256,
                    header_text="h" * 100_000)  # fmt: skip
    return ChipRecord(
        study=Study(study_id="S", title="Größe ☃"),
        devices=MappingProxyType({"D.1/x": Device(device_id="D.1/x", membrane_area_cm2=0.33)}),
        chips=Table.of(Chip, [Chip(chip_id="C/1", device_id="D.1/x", donor_id="D2")]),
        cells=Table.of(Cells, [Cells(chip_id="C/1", density=1e5, density_unit="cell/cm**2")]),
        exposures=Table.of(Exposure, [Exposure(chip_id="C/1", compound="IL-13", value=10.0)]),
        settings=Table.of(Setting, [Setting(chip_id="C/1", setting="flow", value=1.0)]),
        measurements=Table.of(Measurement, rows),
        spectra=spectra,
        series=(series,),
        derivations=Table.of(type(recipe), [recipe]),
        sources=MappingProxyType({source.source_id: source}),
        external=Table.of(External, [External(path="a.czi", size=2**40)]),
        log=Table.of(LogEntry, [LogEntry(level="info", code="x", text="line\nbreak")]),
    )


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


def test_two_hundred_flipped_bits_are_all_detected(record, tmp_path):
    path = save(record, tmp_path / "study.h5")
    content = path.read_bytes()
    generator = np.random.default_rng(0)
    detected = 0
    for _ in range(200):
        damaged = bytearray(content)
        damaged[generator.integers(len(content))] ^= 1 << generator.integers(8)
        path.write_bytes(bytes(damaged))
        with pytest.raises(ChipDataError) as caught:
            load(path)
        detected += caught.value.code == "checksum_mismatch"
    assert detected == 200
    path.write_bytes(content)
    assert load(path) == record


def test_truncated_or_exchanged_file_and_lost_checksum_are_detected(record, tmp_path):
    path = save(record, tmp_path / "study.h5")
    content = path.read_bytes()
    for size in (0, 1, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(ChipDataError, match="checksum_mismatch"):
            load(path)
    path.write_bytes(content)
    files.checksum_path(path).unlink()
    with pytest.raises(ChipDataError, match="checksum_missing"):
        load(path)
    assert load(path, need_checksum=False) == record
    with pytest.raises(ChipDataError, match="file_missing"):
        load(tmp_path / "no.h5")


def test_damaged_hdf5_without_checksum_is_one_clear_error(record, tmp_path):
    content = to_bytes(record)
    for size in (0, 4, 100, len(content) // 3, len(content) - 1):
        with pytest.raises(ChipDataError):
            from_bytes(content[:size], "x.h5")


def test_content_that_ends_the_library_does_not_end_this_process(record, tmp_path, monkeypatch):
    path = save(record, tmp_path / "study.h5")
    files.checksum_path(path).unlink()
    monkeypatch.setattr(probe, "_CHILD", "import os; os.abort()")
    with pytest.raises(ChipDataError, match="hdf5_damaged"):
        load(path, need_checksum=False)
    monkeypatch.setattr(probe, "_CHILD", "import time; time.sleep(60)")
    monkeypatch.setattr(probe, "SECONDS", 0.3)
    with pytest.raises(ChipDataError, match="hdf5_damaged"):
        load(path, need_checksum=False)


def test_what_the_child_finds_is_told(tmp_path):
    path = tmp_path / "x.h5"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ChipDataError) as caught:
        load(path, need_checksum=False)
    assert caught.value.code == "not_hdf5" and caught.value.file == "x.h5"


def test_full_disk_leaves_the_old_record_intact(record, tmp_path, monkeypatch):
    path = save(record, tmp_path / "study.h5")
    real = os.write
    for allowed in (0, 1, 3):
        calls = iter(range(1000))

        def full(handle, data, calls=calls, allowed=allowed):
            if next(calls) >= allowed:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(handle, data[:100])

        monkeypatch.setattr(os, "write", full)
        with pytest.raises(ChipDataError) as caught:
            save(ChipRecord(study=Study(study_id="T")), path)
        monkeypatch.undo()
        assert caught.value.code == "disk_full" and "unchanged" in str(caught.value)
        assert load(path) == record
    assert sorted(one.name for one in tmp_path.iterdir()) == ["study.h5", "study.h5.sha256"]


def test_full_disk_for_real(record, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted here")
    try:
        path = save(record, folder / "study.h5")
        noise = np.random.default_rng(0).bytes(600_000)
        large = Source(source_id="cd" * 32, content=noise, size=len(noise))

        bigger = replace(record, sources=MappingProxyType({**record.sources, "cd" * 32: large}))
        with pytest.raises(ChipDataError, match="disk_full"):
            save(bigger, path)
        assert load(path) == record
        assert len(list(folder.iterdir())) == 2
    finally:
        subprocess.run(["umount", str(folder)], check=False)


class Killed(BaseException):
    """Ends the writing at once, as a kill does: no handler for errors runs."""


def test_an_end_between_any_two_steps_leaves_a_readable_record(record, tmp_path, monkeypatch):
    path = save(record, tmp_path / "study.h5")
    new = ChipRecord(study=Study(study_id="new"))
    seen = []
    for step in range(100):
        save(record, path)
        left = [step]

        def dying(real, left=left):
            def call(*values, **names):
                if left[0] == 0:
                    raise Killed
                left[0] -= 1
                return real(*values, **names)

            return call

        for name in ("write", "fsync", "replace", "open"):
            monkeypatch.setattr(os, name, dying(getattr(os, name)))
        try:
            save(new, path)
            finished = True
        except Killed:
            finished = False
        monkeypatch.undo()
        seen.append(load(path).study.study_id)
        if finished:
            break
    assert finished and len(seen) > 15
    assert seen == sorted(seen) and {"S", "new"} == set(seen)


def test_a_real_kill_leaves_a_readable_record(record, tmp_path):
    path = save(record, tmp_path / "study.h5")
    code = (
        "import os, sys\nfrom skinmech_chip_adapters import ChipRecord, Study, save\n"
        "real, left = os.replace, int(sys.argv[2])\n"
        "def dying(*a):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0: os.kill(os.getpid(), 9)\n"
        "    real(*a)\n"
        "os.replace = dying\n"
        "save(ChipRecord(study=Study(study_id='new')), sys.argv[1])\n"
    )
    for step, study in ((1, "S"), (2, "new")):  # before and after the record itself is exchanged
        done = subprocess.run([sys.executable, "-c", code, str(path), str(step)], check=False)
        assert done.returncode == -9
        assert load(path).study.study_id == study


def test_record_is_private_to_its_owner(record, tmp_path):
    path = save(record, tmp_path / "study.h5")
    assert path.stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_one_clear_error(record, tmp_path):
    with pytest.raises(ChipDataError, match="cannot_write"):
        save(record, tmp_path / "no" / "study.h5")


def _hostile(build) -> bytes:
    image = io.BytesIO()
    with h5py.File(image, "w") as file:
        build(file)
    return image.getvalue()


def _virtual(file):
    layout = h5py.VirtualLayout(shape=(3,), dtype="f8")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape=(3,))
    file.create_virtual_dataset("v", layout)


def _cycle(file):
    group = file.create_group("a")
    group["again"] = group


@pytest.mark.parametrize(
    "build",
    [
        lambda f: f.__setitem__("x", h5py.ExternalLink("/etc/passwd", "/")),
        lambda f: f.__setitem__("x", h5py.SoftLink("/y")),
        lambda f: f.create_dataset("x", (8,), "u1", external=[("/etc/passwd", 0, 8)]),
        _virtual,
        _cycle,
        lambda f: f.create_dataset("x", (1,), h5py.ref_dtype),
        lambda f: f.create_dataset("x", (1,), h5py.vlen_dtype("f8")),
        lambda f: f.create_dataset("x", (10**13,), "f8", chunks=(1000,)),
        lambda f: f.attrs.__setitem__("r", f.create_group("g").ref),
    ],
    ids=["external", "soft", "storage", "virtual", "cycle", "reference", "vlen", "huge", "attr"],
)
def test_hostile_hdf5_is_refused_before_any_data_is_read(build):
    content = _hostile(build)
    with pytest.raises(ChipDataError) as caught:
        with safe_open(content, "foreign.h5"):
            pytest.fail("opened")
    assert {one.code for one in caught.value.errors} == {"hdf5_unsafe"}
    with pytest.raises(ChipDataError):
        from_bytes(content, "foreign.h5")


def test_other_hdf5_and_newer_schema_are_refused(record):
    with pytest.raises(ChipDataError, match="not_hdf5"):
        from_bytes(b"PK\x03\x04", "x.h5")
    with pytest.raises(ChipDataError, match="not_a_chip_record"):
        from_bytes(_hostile(lambda f: f.create_dataset("x", data=[1.0])), "x.h5")
    image = io.BytesIO(to_bytes(record))
    with h5py.File(image, "r+") as file:
        file.attrs["schema_version"] = "9.0"
    with pytest.raises(ChipDataError, match="unknown_schema_version"):
        from_bytes(image.getvalue(), "x.h5")


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
