"""The table of bad inputs: what must happen, for the formats that are read today."""

from datetime import date

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, TimeQuality, read, save
from skinmech_chip_adapters.instruments.autolab_nova import writer as nova
from skinmech_chip_adapters.instruments.generic_table.writer import write as table

TABLE = """
[study]
id = "s"
targets = ["IL-8"]
[chip.C1]
t0 = "2024-03-01T00:00:00Z"
[chip.C2]
[[file]]
path = "data.csv"
adapter = "generic_table"
{options}
[file.columns]
"chip" = {{ role = "chip" }}
"t" = {{ role = "time", unit = "h" }}
"TEWL" = {{ observable = "tewl", unit = "g/m2/h" }}
"""
SINGLE = """
[study]
id = "s"
targets = ["IL-6", "IL-8"]
[chip.C1]
[[file]]
path = "{path}"
chip = "C1"
time = "24 h"
{options}
"""


def car(options=""):
    return TABLE.format(options=options)


def codes(error):
    return {one.code for one in error.value.errors}


@pytest.fixture
def fails(read_bytes):
    def run(content, sidecar, filename="data.csv"):
        with pytest.raises(ChipDataError) as caught:
            read_bytes(content, sidecar, filename)
        return caught

    return run


# 1, 2: nothing in it


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n \r\n", b"\0\0\0\0"])
def test_empty_file(example, fails, content):
    assert codes(fails(content, example.sidecar, example.filename)) == {"empty_file"}


def test_header_without_rows_gives_an_empty_record_with_a_warning(read_bytes, examples):
    record = read_bytes(b"chip,t,TEWL\r\n", car())
    assert len(record.measurements) == 0 and len(record.sources) == 1
    assert "no_rows" in record.log["code"]
    head = b"".join(examples["autolab_nova"].content.splitlines(keepends=True)[:2])
    record = read_bytes(head, SINGLE.format(path="x", options=""), "x")
    assert record.spectra == () and "no_rows" in record.log["code"] and len(record.sources) == 1
    head = b"".join(examples["msd_discovery_workbench"].content.splitlines(keepends=True)[:2])
    record = read_bytes(head, SINGLE.format(path="x.csv", options=""), "x.csv")
    assert len(record.measurements) == 0 and "no_rows" in record.log["code"]


# 3, 4: cut


def test_cut_inside_a_block_keeps_complete_sweeps_and_names_the_refused_one(read_bytes, examples):
    lines = examples["autolab_nova"].content.splitlines(keepends=True)
    record = read_bytes(b"".join(lines[:50]), SINGLE.format(path="x", options=""), "x")
    assert len(record.spectra) == 1 and len(record.spectra[0].z_ohm) == 29
    assert record.spectra[0].flags & Flag.PARTIAL_SOURCE
    (row,) = record.log.select(code="sweep_incomplete")
    assert row.level == "error" and "sweep 2" in row.text and "17 of 29" in row.text


def test_cut_inside_a_row_names_the_row(fails, examples):
    content = examples["autolab_nova"].content
    error = fails(content[:-20], SINGLE.format(path="x", options=""), "x")
    assert codes(error) == {"cut_row"} and "line 62" in str(error.value)


def test_declared_size_finds_a_cut_between_rows(fails, examples):
    lines = examples["autolab_nova"].content.splitlines(keepends=True)
    options = "expected = { sweeps = 1, points = 29 }"
    cut = b"".join(lines[:20])
    assert codes(fails(cut, SINGLE.format(path="x", options=options), "x")) == {"cut_file"}
    assert codes(fails(b"chip,t,TEWL\nC1,1,2\n", car("expected = { rows = 2 }"))) == {"cut_file"}


def test_a_plate_without_a_mapped_well_is_cut(fails, examples):
    one = examples["luminex_xponent"]
    kept = b"\r\n".join(
        line for line in one.content.split(b"\r\n") if not line.startswith(b'"3(1,C1)"')
    )
    error = fails(kept, one.sidecar, one.filename)
    assert codes(error) == {"well_not_in_file"} and "C01" in str(error.value)


# 5, 6, 7, 8: decimal comma, encodings, line ends


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "mac_roman"]
)
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_decimal_comma_encoding_and_line_end_do_not_change_numbers(read_bytes, encoding, newline):
    rows = [("C1", 24.0, 31.5, "für"), ("C2", 48.0, 1234.25, "")]
    content = table(("chip", "t", "TEWL", "µ"), rows, delimiter=";", decimal=",",
                    newline=newline, encoding=encoding)  # fmt: skip
    declared = encoding if encoding in ("cp1252", "latin-1", "mac_roman") else ""
    record = read_bytes(content, car(f'encoding = "{declared}"'))
    assert list(record.measurements["value"]) == [31.5, 1234.25]
    assert list(record.measurements["time_s"]) == [86400.0, 172800.0]
    (source,) = record.sources.values()
    assert source.decimal == "," and source.delimiter == ";"
    assert source.encoding == encoding
    assert source.newline == {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}[newline]


def test_nova_with_decimal_comma_gives_the_same_spectrum(read_example, read_bytes, examples):
    one = examples["autolab_nova"]
    record = read_bytes(one.content.replace(b".", b","), one.sidecar, one.filename)
    expected = read_example(one)
    for a, b in zip(record.spectra, expected.spectra, strict=True):
        assert a.z_ohm.tobytes() == b.z_ohm.tobytes()


def test_mixed_decimal_signs_name_both_lines(fails):
    error = fails(b"chip;t;TEWL\nC1;1;0.01\nC1;2;0,02\n", car())
    assert codes(error) == {"mixed_decimal"} and "lines 2 and 3" in str(error.value)


def test_a_decimal_comma_in_a_comma_table_is_not_split_silently(fails):
    assert codes(fails(b"chip,t,TEWL\nC1,1,2,5\nC1,2,3,5\n", car())) == {"cut_row"}


# 9, 11, 12: dates, zones, no time


def test_ambiguous_date_needs_a_declaration(read_bytes, fails):
    z = np.array([1 - 1j, 2 - 2j])
    content = nova.write([(np.array([10.0, 1.0]), z)], date(2024, 3, 4))
    plain = SINGLE.format(path="x", options="")
    assert codes(fails(content, plain, "x")) == {"ambiguous_date"}
    record = read_bytes(content, SINGLE.format(path="x", options='date_order = "MDY"'), "x")
    assert record.spectra[0].timestamp_text == "3/4/2024"
    assert record.spectra[0].timestamp_utc == ""  # a bare date is no time
    assert record.spectra[0].time_quality == TimeQuality.LOCAL_UNKNOWN


STAMPED = """
[study]
id = "s"
[chip.C1]
t0 = "2024-03-01T00:00:00Z"
[[file]]
path = "data.csv"
adapter = "generic_table"
chip = "C1"
{options}
[file.columns]
"when" = {{ role = "timestamp" }}
"TEWL" = {{ observable = "tewl", unit = "g/m2/h" }}
"""


def test_time_without_zone_is_not_joined_with_t0(read_bytes):
    content = b"when,TEWL\n2024-03-02 12:00,5\n"
    record = read_bytes(content, STAMPED.format(options=""))
    row = record.measurements.row(0)
    assert np.isnan(row.time_s) and row.time_quality == TimeQuality.LOCAL_UNKNOWN
    assert "time_unknown" in record.log["code"]
    record = read_bytes(content, STAMPED.format(options='timezone = "Europe/Berlin"'))
    row = record.measurements.row(0)
    assert row.time_s == 35 * 3600.0 and row.time_quality == TimeQuality.DECLARED_ZONE


def test_no_time_at_all_is_absent_and_never_an_epoch(read_bytes):
    sidecar = car().replace('"t" = { role = "time", unit = "h" }\n', "")
    record = read_bytes(b"chip,TEWL\nC1,5\n", sidecar)
    row = record.measurements.row(0)
    assert np.isnan(row.time_s) and row.time_quality == TimeQuality.ABSENT
    assert row.timestamp_utc == "" and "time_unknown" in record.log["code"]


# 13, 14: area and real part


def test_without_area_the_spectrum_is_kept(read_bytes, examples):
    sidecar = SINGLE.format(path="x", options="")
    record = read_bytes(examples["autolab_nova"].content, sidecar, "x")
    assert len(record.spectra) == 2 and record.device_of("C1") is None


def test_negative_real_part_is_flagged_and_kept(read_bytes):
    z = np.array([5 - 1j, -1 - 2j])
    content = nova.write([(np.array([10.0, 1.0]), z)], date(2024, 8, 30))
    record = read_bytes(content, SINGLE.format(path="x", options=""), "x")
    assert record.spectra[0].flags & Flag.NEGATIVE_REAL
    assert record.spectra[0].z_ohm[1] == -1 - 2j


# 16, 25, 31: columns, adapters, signs


@pytest.mark.parametrize("column", ["Frequency (Hz)", "Z' (Ω)", "-Z'' (Ω)"])
def test_missing_column_is_named(fails, examples, column):
    content = examples["autolab_nova"].content.replace(column.encode(), b"Other (s)")
    error = fails(content, SINGLE.format(path="x", options='adapter = "nova_eis"'), "x")
    assert codes(error) == {"column_missing"} and repr(column.split(" (")[0]) in str(error.value)


def test_missing_column_of_a_table_is_named(fails):
    error = fails(b"chip,time,TEWL\nC1,1,2\n", car())
    assert codes(error) == {"column_missing"} and "'t'" in str(error.value)


def _is_text(content):
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def test_wrong_adapter_says_what_was_expected(fails, examples):
    for name, one in examples.items():
        for other in set(examples) - {name, "generic_table"}:
            sidecar = SINGLE.format(path="x", options=f'adapter = "{other}"')
            found = codes(fails(one.content, sidecar, "x"))
            binary = {"not_text", "unknown_encoding"} if not _is_text(one.content) else set()
            assert found <= {"wrong_format", *binary}, (name, other)


def test_unknown_adapter_offers_the_nearest(fails):
    error = fails(b"a", SINGLE.format(path="x", options='adapter = "autolab_nov"'), "x")
    assert codes(error) == {"unknown_adapter"} and "nearest: 'autolab_nova'" in str(error.value)


def test_swapped_sign_or_column_is_found_by_the_redundant_columns(fails, examples):
    content = examples["autolab_nova"].content
    options = SINGLE.format(path="x", options="")
    swapped = content.replace("Z' (Ω)\t-Z'' (Ω)".encode(), "-Z'' (Ω)\tZ' (Ω)".encode())
    assert codes(fails(swapped, options, "x")) == {"inconsistent_row"}
    edited = content.replace(b"\t30.0163", b"\t35.0163", 1)
    assert edited != content
    assert codes(fails(edited, options, "x")) == {"inconsistent_row"}


def test_a_capacitor_has_a_negative_imaginary_part(read_bytes):
    f = np.geomspace(1, 1000, 5)
    z = 1 / (2j * np.pi * f * 1e-6)
    content = nova.write([(f, z)], date(2024, 8, 30))
    record = read_bytes(content, SINGLE.format(path="x", options=""), "x")
    assert (record.spectra[0].z_ohm.imag < 0).all()
    np.testing.assert_allclose(record.spectra[0].z_ohm, z, rtol=1e-13)


EIS = """
[study]
id = "s"
[chip.C1]
[[file]]
path = "data.csv"
adapter = "generic_table"
layout = "impedance"
chip = "C1"
time = "24 h"
{sign}
[file.columns]
"f" = {{ role = "frequency", unit = "kHz" }}
"Re" = {{ role = "real", unit = "kohm" }}
"X" = {{ role = "imaginary", unit = "kohm" }}
"""


def test_generic_impedance_needs_the_sign(read_bytes, fails):
    content = b"f;Re;X\n1;0,5;0,25\n0,1;0,75;0,5\n0;1;0\n"
    assert codes(fails(content, EIS.format(sign=""))) == {"sign_unclear"}
    for sign, factor in (("positive", -1), ("negative", 1)):
        record = read_bytes(content, EIS.format(sign=f'imaginary_sign = "capacitive_{sign}"'))
        (one,) = record.spectra
        assert list(one.frequency_Hz) == [1000.0, 100.0] and "0 Hz" in one.note
        assert list(one.z_ohm) == [500 + factor * 250j, 750 + factor * 500j]


# 18, 19, 20, 21, 22, 26: words, units, columns, duplicates


@pytest.mark.parametrize("word", ["OVRFLW", "MISSED", "N/A", "nan", "inf", "1.#INF", "<2.5", "---"])
def test_a_word_is_a_state_and_never_zero(read_bytes, word):
    record = read_bytes(f"chip,t,TEWL\nC1,1,{word}\n".encode(), car())
    row = record.measurements.row(0)
    assert row.censor != "none" and np.isnan(row.value) and row.raw_text == word


def test_declared_sentinel_and_unknown_word(read_bytes, fails):
    content = b"chip,t,TEWL\nC1,1,999\nC1,2,oops\n"
    error = fails(content, car())
    assert codes(error) == {"not_a_number"} and "line 3" in str(error.value)
    record = read_bytes(content, car('sentinels = { "999" = "failed", "oops" = "missing" }'))
    assert list(record.measurements["censor"]) == ["failed", "missing"]
    record = read_bytes(content, car('on_bad_row = "keep_flagged"'))
    assert list(record.measurements["censor"]) == ["none", "failed"]
    assert record.measurements["flags"][1] & Flag.BAD_ROW
    assert record.measurements["value"][0] == 999.0


def test_every_bad_cell_is_listed_at_once(fails):
    error = fails(b"chip,t,TEWL\nC1,1,a\nC9,2,3\nC1,3,1_000\nC8,4,4\n", car())
    found = [(one.code, one.locator.split(",")[0]) for one in error.value.errors]
    assert found == [("not_a_number", "line 2"), ("undeclared_chip", "line 3"),
                     ("not_a_number", "line 4"), ("undeclared_chip", "line 5")]  # fmt: skip


def test_absent_unit_keeps_the_signal_and_refuses_the_concentration(read_bytes, examples):
    one = examples["msd_discovery_workbench"]
    sidecar = one.sidecar.replace('units = { "Calc. Concentration" = "pg/mL" }\n', "")
    record = read_bytes(one.content, sidecar, one.filename)
    assert set(record.measurements["observable"]) == {"rlu"}
    assert "unit_missing" in record.log["code"]
    one = examples["luminex_xponent"]
    bead = one.content.replace(b'"pg/mL"', b'"Bead"')
    record = read_bytes(bead, one.sidecar, one.filename)
    assert set(record.measurements["observable"]) == {"mfi", "net_mfi"}
    assert "unit_missing" in record.log["code"]


def test_declared_molar_unit_goes_to_the_molar_observable(read_bytes, examples):
    one = examples["msd_discovery_workbench"]
    sidecar = one.sidecar.replace('= "pg/mL" }\nlimits', '= "pM" }\nlimits')
    sidecar = "\n".join(line for line in sidecar.splitlines() if not line.startswith("limits"))
    rows = read_bytes(one.content, sidecar, one.filename).measurements
    molar = rows.select(observable="molar_concentration")
    assert len(molar) == 8 and molar["value"][0] == pytest.approx(12.5e-12)


def test_unknown_unit_in_a_file_is_an_error_with_the_text(fails, examples):
    one = examples["luminex_xponent"]
    error = fails(one.content.replace(b'"pg/mL"', b'"pg/mLL"'), one.sidecar, one.filename)
    assert codes(error) == {"unknown_unit"} and "'pg/mLL'" in str(error.value)
    for unit, code in (
        ("MFI", "unit_dimension"),
        ("g/m2hh", "unknown_unit"),
        ("a.u.", "meaningless_unit"),
    ):
        sidecar = car().replace('unit = "g/m2/h"', f'unit = "{unit}"')
        error = fails(b"chip,t,TEWL\nC1,1,2\n", sidecar)
        assert codes(error) == {code} and repr(unit) in str(error.value)


def test_a_unit_in_the_title_must_agree_with_the_declaration(fails):
    sidecar = car().replace('"t" =', '"t (min)" =')
    assert codes(fails(b"chip,t (min),TEWL\nC1,1,2\n", sidecar)) == {"unit_conflict"}


def test_unknown_column_is_listed_with_a_warning(read_bytes, examples):
    record = read_bytes(b"chip,t,TEWL,Humidity\nC1,1,2,40\n", car())
    (source,) = record.sources.values()
    assert "Humidity" in source.unparsed_json and "undeclared_column" in record.log["code"]
    one = examples["msd_discovery_workbench"]
    record = read_bytes(one.content.replace(b",CV,", b",Extra,"), one.sidecar, one.filename)
    (source,) = record.sources.values()
    assert "Extra" in source.unparsed_json and "unknown_column" in record.log["code"]


def test_duplicate_points_are_refused_unless_numbered(read_bytes, fails, examples):
    content = b"chip,t,TEWL,r\nC1,1,2,1\nC1,1,3,2\n"
    error = fails(content, car())
    assert codes(error) == {"duplicate_value"} and "line 2" in str(error.value)
    sidecar = car() + '"r" = { role = "technical_replicate" }\n'
    record = read_bytes(content, sidecar)
    assert list(record.measurements["technical_replicate"]) == ["1", "2"]
    one = examples["msd_discovery_workbench"]
    lines = one.content.splitlines(keepends=True)
    assert "duplicate_well" in codes(fails(b"".join([*lines, lines[2]]), one.sidecar, one.filename))


def test_a_point_that_another_file_gave_is_flagged(read_bytes):
    first = read_bytes(b"chip,t,TEWL\nC1,1,2\n", car())
    both = read_bytes(b"chip,t,TEWL\nC1,1,3\n", car(), existing=first)
    assert len(both.measurements) == 2 and both.measurements["flags"][1] & Flag.DUPLICATE
    assert "measured_before" in both.log["code"]


# 23, 24: several sweeps, Excel


def test_all_sweeps_are_returned_and_numbered(read_example, examples):
    record = read_example(examples["autolab_nova"])
    assert [one.source_locator.split(",")[0] for one in record.spectra] == ["sweep 1", "sweep 2"]
    assert record.spectra[1].time_s > record.spectra[0].time_s == 432000.0


@pytest.mark.parametrize("name", ["luminex_xponent", "msd_discovery_workbench"])
def test_a_copy_saved_by_excel_gives_the_same_values(read_example, examples, name):
    """Quotes lost, every row padded with commas to the same width."""
    import csv
    import io

    one = examples[name]
    rows = list(csv.reader(io.StringIO(one.content.decode())))
    width = max(map(len, rows)) + 2
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(
        row + [""] * (width - len(row)) for row in rows
    )
    old, new = read_example(one), read_example(one, out.getvalue().encode())
    for column in ("value", "censor", "observable", "analyte", "well", "n", "dilution"):
        assert list(map(repr, old.measurements[column])) == list(
            map(repr, new.measurements[column])
        )


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
