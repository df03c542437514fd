"""Conformance with real recordings of the instruments that are read today."""

import json
import math
from pathlib import Path

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, Sidecar, load, read, save

NOVA = (
    "16HBE_TW01_d3_endohm1_freq",
    "RPEmedia_TW1-1_d1_chamber1_channel1_5freq5sine_freq",
    "RPMI_TW01_d5_endohm2_freq",
    "RPMI_TW04_d9_endohm2_freq",
    "noSoln_modelCell_d1_chamber1_channel1_freq",
)


def _read(path: Path, options: str, targets=()):
    text = f"""
[study]
id = "recording"
targets = {json.dumps(list(targets))}
[chip.C]
[[file]]
path = "{path.name}"
chip = "C"
time = "72 h"
{options}
"""
    return read(path, Sidecar.from_text(text, folder=path.parent))


@pytest.mark.parametrize("name", NOVA)
def test_nova_sweeps_have_the_expected_points(folder, expected, tmp_path, name):
    wanted = expected[f"nova_epithelial_eis/{name}"]
    record = _read(folder / "nova_epithelial_eis" / name, 'date_order = "MDY"')
    assert len(record.spectra) == wanted["sweeps"]
    assert [len(one.z_ohm) for one in record.spectra] == wanted["points_per_sweep"]
    assert [one.timestamp_text for one in record.spectra] == wanted["file_date_text"]
    ends = ((record.spectra[0], 0, "first"), (record.spectra[-1], -1, "last"))
    for spectrum, index, which in ends:
        point = wanted[which]
        assert spectrum.frequency_Hz[index] == point["freq_Hz"]
        assert spectrum.z_ohm[index] == complex(point["Zre_ohm"], point["Zim_ohm"])
    times = [one.time_s for one in record.spectra]
    assert times[0] == 72 * 3600.0 and times == sorted(times)
    assert all(math.isfinite(one.open_circuit_V) for one in record.spectra)
    (source,) = record.sources.values()
    assert (source.encoding, source.newline) == ("utf-8-sig", "CRLF")
    assert load(save(record, tmp_path / "s.h5")) == record


def test_nova_ambiguous_date_of_a_recording_needs_a_declaration(folder):
    with pytest.raises(ChipDataError, match="ambiguous_date"):
        _read(folder / "nova_epithelial_eis" / NOVA[-1], "")
    record = _read(folder / "nova_epithelial_eis" / NOVA[0], "")  # 8/29: only one reading
    assert record.spectra[0].timestamp_text == "8/29/2024"


def test_luminex_values_counts_and_warning(folder, expected):
    wanted = expected["luminex_xponent/luminex_xPONENT_example02.csv"]
    path = folder / "luminex_xponent" / "luminex_xPONENT_example02.csv"
    record = _read(path, 'location = "basal"', ["alpha", "bravo"])
    rows = record.measurements
    first = rows.select(observable="mfi", well="A01")
    assert {row.analyte: row.value for row in first} == wanted["median_A1"]
    assert {row.analyte: row.n for row in first} == wanted["count_A1"]
    assert len(set(rows["well"])) == wanted["wells"]
    assert "concentration" not in rows["observable"]  # the unit is "Bead"
    assert len(record.log.select(code="vendor_warning")) == wanted["warning_rows"]
    assert all(row.flags & Flag.VENDOR_WARNING for row in first)
    assert list(rows["dilution"]) == [1.0] * len(rows)
    assert rows.row(0).timestamp_text == "5/17/2023 6:42:29 PM"
    (source,) = record.sources.values()
    assert source.instrument_software == "xPONENT 4.3.229.0"


def test_luminex_with_all_blocks_and_empty_units(folder, expected):
    name = "luminex_xPONENT_missing_optional_fields.csv"
    path = folder / "luminex_xponent" / name
    analytes = [
        *("6P_PBS_3_day2", "6P_PBS_1_day1", "JN1_PBS_3_day2", "JN1_PBS_1_day1", "Monitoring")
    ]
    record = _read(path, 'location = "basal"', analytes)
    rows = record.measurements
    assert len(rows) == 2 * 12 * 5 and set(rows["censor"]) == {Censor.NONE}
    assert rows.select(well="A10", analyte=analytes[0], observable="net_mfi").row(0).value == (
        -176.32446
    )
    (source,) = record.sources.values()
    left_out = {one["name"] for one in json.loads(source.unparsed_json)}
    used = {"Median", "Net MFI", "Count", "Units", "Dilution Factor"}
    assert left_out | used == set(expected[f"luminex_xponent/{name}"]["datatypes"])


def test_msd_ranges_and_missing_values(folder, expected):
    wanted = expected["msd/msd_workbench_test_1.csv"]
    path = folder / "msd" / "msd_workbench_test_1.csv"
    targets = ["Spike (FL.1.5.1)", "Spike (Wuhan)"]
    record = _read(path, "", targets)
    assert len(record.measurements) == wanted["rows"]  # without a declared unit: the signal only
    assert set(record.measurements["observable"]) == {"rlu"}
    units = 'units = { "Calc. Concentration" = "pg/mL" }'
    rows = _read(path, units, targets).measurements
    signals = rows.select(observable="rlu")
    assert sorted(signals["value"]) == [315.0, 328.0 + 13.0, 3328.0, 3513.0]
    computed = rows.select(observable="concentration")
    assert set(computed["censor"]) == {Censor.RIGHT}  # every row lies above a range
    for text in wanted["detection_range_text"]:
        assert any(text in raw for raw in computed["raw_text"])
    assert all(math.isnan(value) for value in computed["value"])
    assert rows["plate_id"][0] == "Plate_2BO40AW287"
    assert rows["flags"][-1] & Flag.UNVERIFIED_END  # the file ends without a line end


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        (f"nova_epithelial_eis/{NOVA[0]}", ()),
        ("luminex_xponent/luminex_xPONENT_example02.csv", ("alpha", "bravo")),
        ("msd/msd_workbench_test_1.csv", ("Spike (FL.1.5.1)", "Spike (Wuhan)")),
    ],
)
def test_cut_recordings_are_errors_or_flagged(folder, tmp_path, name, targets):
    content = (folder / name).read_bytes()
    options = 'date_order = "MDY"'
    path = tmp_path / Path(name).name
    path.write_bytes(content)
    whole = _read(path, options, targets)
    marks = Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE
    for cut in range(0, len(content) - 1, max(1, len(content) // 90)):
        path.write_bytes(content[:cut])
        try:
            record = _read(path, options, targets)
        except ChipDataError:
            continue
        bits = [*record.measurements["flags"], *(one.flags for one in record.spectra)]
        flagged = any(int(one) & marks for one in bits) or "no_rows" in record.log["code"]
        assert flagged or _values(record) == _values(whole), cut


def _values(record):
    rows = [repr((row.observable, row.value, row.censor)) for row in record.measurements]
    return rows + [one.z_ohm.tobytes() for one in record.spectra]
