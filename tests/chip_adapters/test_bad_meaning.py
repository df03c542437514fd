"""The table of bad inputs, rows 9 to 22, 26 and 31: dates, area, columns, words, units, signs."""

from datetime import date

import numpy as np
import pytest

from skinmech_chip_adapters import Flag, TimeQuality
from skinmech_chip_adapters.instruments.autolab_nova import writer as nova
from tests.chip_adapters._cars import SINGLE, car, codes

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
