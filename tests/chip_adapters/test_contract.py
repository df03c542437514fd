"""What every adapter must hold, found by walking the folder of instruments."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import skinmech_chip_adapters
from skinmech_chip_adapters import (
    ChipDataError,
    Flag,
    adapters,
    discovery,
    load,
    save,
)
from skinmech_chip_adapters.discovery import adapter_named, identify
from skinmech_chip_adapters.errors import ChipDataErrors
from skinmech_chip_adapters.observables import OBSERVABLES

INSTRUMENTS = Path(skinmech_chip_adapters.__file__).parent / "instruments"
REMARKED = int(Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE)


def test_every_folder_is_an_adapter_of_its_own_name():
    folders = {one.name for one in INSTRUMENTS.iterdir() if (one / "__init__.py").exists()}
    assert folders == set(adapters())
    for name, adapter in adapters().items():
        assert adapter.name == name
        assert adapter.release_state in ("recorded", "documented", "declared")
        for file in ("__init__.py", "reader.py", "structure.py", "writer.py"):
            assert (INSTRUMENTS / name / file).exists(), f"{name}/{file}"


def test_names_and_aliases_are_unique():
    names = [n for one in adapters().values() for n in (one.name, *one.aliases)]
    assert len(names) == len(set(names))
    for one in adapters().values():
        assert all(adapter_named(alias) is one for alias in one.aliases)


def test_importing_costs_no_jax_no_pint_and_no_adapter():
    code = (
        "import sys, time; start = time.process_time(); import skinmech_chip_adapters;"
        "spent = time.process_time() - start;"
        "heavy = {'jax', 'pint', 'pandas', 'scipy', 'equinox'} & set(sys.modules);"
        "loaded = [m for m in sys.modules if '.instruments.' in m];"
        "assert not heavy and not loaded, (heavy, loaded); assert spent < 1.0, spent"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_only_the_right_adapter_claims_a_file(examples):
    for name, one in examples.items():
        scores = {
            other: adapter.sniff(one.content, one.filename).score
            for other, adapter in adapters().items()
        }
        claimed = [other for other, score in scores.items() if score >= 0.5]
        declared = adapters()[name].release_state == "declared"
        assert claimed == ([] if declared else [name])
        if not declared:
            assert identify(one.content, one.filename).name == name


def test_a_file_nobody_knows_is_not_guessed(tmp_path):
    with pytest.raises(ChipDataError) as caught:
        identify(b"a;b\n1;2\n", "x.csv")
    assert caught.value.code == "unknown_format"


def test_two_claims_are_refused(monkeypatch, examples):
    nova = adapters()["autolab_nova"]
    twin = {"autolab_nova": nova, "twin": replace(nova, name="twin")}
    monkeypatch.setattr(discovery, "adapters", lambda: twin)
    one = examples["autolab_nova"]
    with pytest.raises(ChipDataError) as caught:
        discovery.identify(one.content, one.filename)
    assert caught.value.code == "several_formats"
    assert "autolab_nova" in str(caught.value) and "twin" in str(caught.value)


def test_sniffing_survives_any_bytes(adapter_name):
    noise = np.random.default_rng(0).integers(0, 256, 4096, dtype=np.uint8).tobytes()
    for head in (b"", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", noise, "é".encode("cp1252") * 9):
        assert adapters()[adapter_name].sniff(head, "x").score == 0.0


def test_written_file_reads_back_complete(example, read_example):
    record = read_example(example)
    found = (len(record.measurements), len(record.spectra), len(record.series))
    assert found == (example.measurements, example.spectra, example.series)
    source = next(iter(record.sources.values()))
    assert source.content == example.content
    assert source.filename == example.filename
    assert source.encoding and source.newline and source.decimal
    assert not [row for row in record.log if row.level == "error"]


def test_rows_are_stamped_with_source_unit_and_place(example, read_example):
    record = read_example(example)
    (source_id,) = record.sources
    for row in record.measurements:
        assert row.source_id == source_id and row.source_locator and row.measurement_id
        assert row.unit == OBSERVABLES[row.observable].unit
        assert row.chip_id and row.instrument_id and not np.isnan(row.time_s)
        assert np.isnan(row.value) == (row.censor != "none")
    for one in record.spectra:
        assert one.source_id == source_id and one.spectrum_id and one.chip_id
        assert one.frequency_Hz.shape == one.z_ohm.shape == one.point_time_s.shape


def test_record_of_every_adapter_survives_the_store(example, read_example, tmp_path):
    record = read_example(example)
    again = load(save(record, tmp_path / "study.h5"))
    assert again == record
    assert again.content_hash() == record.content_hash()


def test_reading_twice_gives_the_same_record(example, read_example):
    assert read_example(example) == read_example(example)


def test_same_file_twice_is_kept_once(example, read_example, read_bytes):
    record = read_example(example)
    again = read_bytes(example.content, example.sidecar, example.filename, existing=record)
    assert again.content_hash() == record.content_hash()
    assert [row.code for row in again.log].count("already_read") == 1


def _values(record):
    """Every value of a record by where it is, for comparing a cut file with the whole one."""
    found = {}
    for row in record.measurements:
        key = (row.chip_id, row.well, row.time_s, row.observable, row.analyte)
        found[key] = (row.value, row.censor, row.limit_low, row.limit_high)
    for one in record.spectra:
        found[one.chip_id, one.time_s] = (one.frequency_Hz.tobytes(), one.z_ohm.tobytes())
    return {key: repr(value) for key, value in found.items()}


def _remarked(record):
    bits = [*record.measurements["flags"], *(one.flags for one in record.spectra)]
    return any(int(flags) & REMARKED for flags in bits) or "no_rows" in record.log["code"]


def test_cut_file_is_an_error_or_flagged_but_never_silently_shorter(example, read_example):
    whole = _values(read_example(example))
    size = len(example.content)
    # Every byte of the end, where a cut is hardest to see; else about 80 places.
    cuts = sorted({*range(0, size, max(1, size // 80)), *range(max(0, size - 200), size)})
    silent, codes = [], set()
    for cut in cuts:
        try:
            record = read_example(example, example.content[:cut])
        except ChipDataError as error:
            codes |= {one.code for one in error.errors}
            continue
        if not _remarked(record) and _values(record) != whole:
            silent.append(cut)
    assert not silent
    assert codes & {"cut_row", "cut_file", "broken_quoting"}


def test_damaged_text_raises_nothing_but_chip_data_errors(example, read_example):
    generator = np.random.default_rng(7)
    tokens = [b"\0", b"\xff", b'"', b",", b"\t", b"1_000", b"1e999", b"\r", b"nan", "٣".encode()]
    for _ in range(120):
        content = bytearray(example.content)
        for _ in range(generator.integers(1, 4)):
            at = int(generator.integers(0, len(content)))
            content[at : at + int(generator.integers(0, 6))] = tokens[generator.integers(10)]
        try:
            read_example(example, bytes(content))
        except ChipDataError as error:
            assert error.errors and all(one.code for one in error.errors)


def test_every_message_says_how_to_mend(example, read_example):
    with pytest.raises(ChipDataError) as caught:
        read_example(example, example.content[: len(example.content) // 2])
    for one in caught.value.errors:
        assert one.file and one.found and one.expected
        assert re.match(rf"\[{one.code}\] ", str(one))


def test_utf16_and_bare_line_ends_give_the_same_values(example, read_example):
    expected = _values(read_example(example))
    try:
        text = example.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pytest.skip("a binary format")
    for variant in (
        text.encode("utf-16"),
        text.encode("utf-16-le") if text.isascii() else text.encode("utf-8-sig"),
        text.replace("\r\n", "\n").encode(),
        text.replace("\r\n", "\r").encode(),
        text.replace("\r\n", "\n").replace("\n", "\r\n", 2).encode(),
    ):
        record = read_example(example, variant)
        assert _values(record) == expected
    assert next(iter(record.sources.values())).newline == "mixed"


def test_an_unknown_key_of_the_file_entry_is_refused(example, read_bytes):
    sidecar = example.sidecar.replace("path =", 'colour = "red"\npath =', 1)
    with pytest.raises(ChipDataError) as caught:
        read_bytes(example.content, sidecar, example.filename)
    assert caught.value.code == "unknown_key" and "colour" in str(caught.value)


def test_undeclared_chips_are_listed_all_at_once(example, read_bytes):
    sidecar = re.sub(r"\[chip\.[A-Za-z0-9]+\]\n(device = .*\n)?", "", example.sidecar)
    with pytest.raises(ChipDataError) as caught:
        read_bytes(example.content, sidecar, example.filename)
    assert {one.code for one in caught.value.errors} == {"undeclared_chip"}
    chips = set(re.findall(r"\[chip\.(\w+)\]", example.sidecar))
    assert {chip for chip in chips if repr(chip) in str(caught.value)} == chips
    assert len(chips) == 1 or isinstance(caught.value, ChipDataErrors)
