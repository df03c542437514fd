"""The table of bad inputs, rows 29 and 30, and what side-car and file say of each other."""

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, read, save
from tests.chip_adapters._cars import car, codes

# 29, 30: twice, undeclared


def test_undeclared_targets_and_wells_are_listed_at_once(fails, examples):
    for name in ("luminex_xponent", "msd_discovery_workbench"):
        one = examples[name]
        sidecar = one.sidecar.replace('targets = ["IL-6", "IL-8"]', "")
        error = fails(one.content, sidecar, one.filename)
        assert codes(error) == {"undeclared_target"}
        assert "'IL-6'" in str(error.value) and "'IL-8'" in str(error.value)
    one = examples["luminex_xponent"]
    sidecar = "\n".join(line for line in one.sidecar.splitlines() if line[:2] not in ("A1", "B1"))
    error = fails(one.content, sidecar, one.filename)
    assert codes(error) == {"undeclared_well"}
    assert "A01" in str(error.value) and "B01" in str(error.value)


def test_sample_names_never_enter_a_message(fails, examples):
    """A sample may be called after a person."""
    one = examples["msd_discovery_workbench"]
    content = one.content.replace(b"\nA,", b"\nErika Mustermann,")
    error = fails(content, one.sidecar, one.filename)
    assert "undeclared_well" in codes(error) and "A01" in str(error.value)
    assert "Mustermann" not in str(error.value)


def test_files_and_entries_must_match(tmp_path):
    (tmp_path / "chip.toml").write_text(car())
    (tmp_path / "other.csv").write_text("chip,t,TEWL\nC1,1,2\n")
    with pytest.raises(ChipDataError, match="file_not_declared"):
        read(tmp_path / "other.csv", tmp_path / "chip.toml")
    with pytest.raises(ChipDataError, match="file_missing"):
        read(None, tmp_path / "chip.toml")


def test_problems_of_all_files_come_together_and_progress_is_told(tmp_path):
    entry = '[[file]]\npath = "{}"\nchip = "C1"\ntime = "1 h"\n'
    text = '[study]\nid = "s"\n[chip.C1]\n' + "".join(entry.format(name) for name in "abc")
    (tmp_path / "chip.toml").write_text(text)
    for name, content in (("a", b""), ("b", b"x;y\n"), ("c", b"\xff\xff\xff")):
        (tmp_path / name).write_bytes(content)
    told = []
    with pytest.raises(ChipDataError) as caught:
        read(None, tmp_path / "chip.toml", progress=lambda *step: told.append(step))
    assert [one.file for one in caught.value.errors] == ["a", "b", "c"]
    assert told == [(0, 3, "a"), (1, 3, "b"), (2, 3, "c"), (3, 3, "")]


def test_adding_to_a_record_checks_that_it_is_the_same_study(read_bytes, fails, tmp_path):
    record = read_bytes(b"chip,t,TEWL\nC1,1,2\n", car())
    other = car().replace('id = "s"', 'id = "t"')
    with pytest.raises(ChipDataError, match="another_study"):
        read_bytes(b"chip,t,TEWL\nC1,2,2\n", other, existing=record)
    changed = car().replace("2024-03-01", "2024-03-02")
    with pytest.raises(ChipDataError, match="declared_otherwise"):
        read_bytes(b"chip,t,TEWL\nC1,2,2\n", changed, existing=record)
    grown = read_bytes(b"chip,t,TEWL\nC1,2,2\n", car(), existing=record)
    assert len(grown.measurements) == 2 and len(grown.sources) == 2
    assert len(record.measurements) == 1
    save(grown, tmp_path / "s.h5")


# limits of quantification


def test_declared_limits_bound_values_out_of_range(read_example, examples):
    rows = read_example(examples["msd_discovery_workbench"]).measurements
    (below,) = rows.select(censor="left")
    assert below.limit_high == 0.5 and not below.flags & Flag.LIMIT_UNKNOWN
    assert "Below Fit Curve Range" in below.raw_text


def test_value_outside_declared_limits_is_kept_and_flagged(read_bytes, examples):
    one = examples["msd_discovery_workbench"]
    sidecar = one.sidecar.replace("0.5 pg/mL", "0.02 ng/mL")
    rows = read_bytes(one.content, sidecar, one.filename).measurements
    low = rows.select(analyte="IL-6", observable="concentration", well="A01").row(0)
    assert low.value == 12.5 and low.flags & Flag.OUT_OF_CALIBRATION


def test_conflicting_dilutions_are_refused(fails, examples):
    one = examples["msd_discovery_workbench"]
    sidecar = one.sidecar.replace('A = { chip = "C1" }', 'A = { chip = "C1", dilution = 4 }')
    assert codes(fails(one.content, sidecar, one.filename)) == {"dilution_conflict"}


# series


SERIES = """
[study]
id = "s"
[chip.C1]
[[file]]
path = "data.csv"
adapter = "generic_table"
layout = "series"
chip = "C1"
{options}
[file.columns]
"time [s]" = {{ role = "time", unit = "s" }}
"Flow [µL/min]" = {{ observable = "flow", unit = "µL/min" }}
"Pressure [mbar]" = {{ observable = "pressure", unit = "mbar", location = "apical" }}
"""


def test_a_logger_becomes_series_in_canonical_units(read_bytes):
    content = "time [s]\tFlow [µL/min]\tPressure [mbar]\n0\t1.5\t10\n0.5\tOVRFLW\t20\n1\t1.25\t30\n"
    record = read_bytes(content.encode(), SERIES.format(options='time = "2 h"'))
    flow, pressure = record.series
    assert list(flow.time_s) == [7200.0, 7200.5, 7201.0] and flow.unit == "uL/min"
    assert flow.value[0] == 1.5 and np.isnan(flow.value[1]) and flow.status_text[1] == "OVRFLW"
    assert list(pressure.value) == [1.0, 2.0, 3.0] and pressure.location == "apical"
    assert len(record.measurements) == 0


def test_a_flow_logger_with_a_mark_on_every_line(read_bytes):
    lines = ["time [s]\tFlow [µL/min]\tPressure [mbar]", "0\t1.5\t10", "1\t1.5\t10"]
    content = "".join("\ufeff" + line + "\r\n" for line in lines).encode()
    record = read_bytes(content, SERIES.format(options=""))
    assert [len(one.value) for one in record.series] == [2, 2]


def test_a_file_too_large_to_keep_is_referred_to_by_its_hash(read_bytes, monkeypatch, tmp_path):
    from skinmech_chip_adapters import gathering, load

    monkeypatch.setattr(gathering, "MAX_EMBEDDED_BYTES", 10)
    content = b"chip,t,TEWL\nC1,1,2\n"
    record = read_bytes(content, car())
    (external,), (source,) = record.external, record.sources.values()
    assert external.sha256 == source.source_id and external.size == len(content) == source.size
    assert source.content == b"" and external.path == "data.csv"
    assert load(save(record, tmp_path / "s.h5")) == record
    again = read_bytes(content, car(), existing=record)
    assert len(again.measurements) == 1
