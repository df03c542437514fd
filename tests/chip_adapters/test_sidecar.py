"""The side-car: everything wrong with it is said at once."""

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, ChipDataErrors, Sidecar

GOOD = """
[study]
id = "AD-chip-03"
title = "IL-13 on chip"
targets = ["IL-8"]
locations = ["gutter"]
[device.OOC1]
membrane_area_cm2 = 0.33
area_source = "maker drawing"
electrodes = 4
[chip.C07]
device = "OOC1"
donor = "D2"
group = "IL-13"
t0 = "2026-10-02T09:00:00+02:00"
t0_event = "air_lift"
[chip.C08]
device = "OOC1"
t0 = 2026-10-02T09:00:00+02:00
[[cells]]
chip = "C07"
cell_type = "primary keratinocyte"
density = 1e5
density_unit = "cell/cm**2"
time = "-72 h"
location = "apical"
[[exposure]]
chip = ["C07", "C08"]
compound = "IL-13"
value = 10
unit = "ng/mL"
time = "3 d"
duration = "48 h"
location = "basal"
[[setting]]
chip = "C07"
setting = "flow"
value = 60
unit = "uL/h"
time = "0 h"
[[file]]
path = "raw/sweep_freq"
adapter = "nova_eis"
chip = "C07"
time = "72 h"
location = "gutter"
date_order = "MDY"
timezone = "Europe/Berlin"
temperature_degC = 37.0
"""


def test_a_good_side_car_is_read_in_canonical_units():
    car = Sidecar.from_text(GOOD)
    assert car.study.study_id == "AD-chip-03" and car.targets == {"IL-8"}
    assert car.devices[0].membrane_area_cm2 == 0.33 and car.devices[0].electrode_count == 4
    assert car.chips[0].t0_utc == car.chips[1].t0_utc == "2026-10-02T07:00:00+00:00"
    assert [one.chip_id for one in car.exposures] == ["C07", "C08"]
    assert car.exposures[0].time_s == 259200.0 and car.exposures[0].duration_s == 172800.0
    assert car.exposures[0].value == 10.0 and car.exposures[0].unit == "ng/mL"
    assert car.settings[0].value == pytest.approx(1.0) and car.settings[0].unit == "uL/min"
    assert np.isnan(car.settings[0].duration_s)
    assert car.cells[0].time_s == -259200.0
    assert car.files[0].place.time_s == 259200.0


def test_an_absent_area_stays_absent():
    car = Sidecar.from_text('[study]\nid = "x"\n[device.D]\n[chip.C]\ndevice = "D"\n')
    assert np.isnan(car.devices[0].membrane_area_cm2)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id = "AD-chip-03"', "", "sidecar_missing"),
        ("title =", "titel =", "unknown_key"),
        ("[study]", "[study]\nid2 = 1", "unknown_key"),
        ("[[cells]]", "[[cell]]", "unknown_key"),
        ("membrane_area_cm2 = 0.33", "membrane_area_cm2 = -1", "sidecar_value"),
        ("membrane_area_cm2 = 0.33", 'membrane_area_cm2 = "0.33"', "sidecar_value"),
        ('area_source = "maker drawing"', "", "area_source_missing"),
        ("electrodes = 4", "electrodes = 3", "sidecar_value"),
        ('device = "OOC1"\ndonor', 'device = "OOC2"\ndonor', "undeclared_device"),
        ('t0 = "2026-10-02T09:00:00+02:00"', 't0 = "2026-10-02T09:00:00"', "sidecar_value"),
        ('t0 = "2026-10-02T09:00:00+02:00"', 't0 = "2 October"', "sidecar_value"),
        ('chip = ["C07", "C08"]', 'chip = ["C07", "C09"]', "undeclared_chip"),
        ('unit = "ng/mL"', 'unit = "a.u."', "meaningless_unit"),
        ('unit = "ng/mL"', "", "sidecar_missing"),
        ('time = "3 d"', "time = 3", "not_a_duration"),
        ('time = "3 d"', "", "sidecar_missing"),
        ('setting = "flow"', 'setting = "flux"', "sidecar_value"),
        ('unit = "uL/h"', 'unit = "kPa"', "unit_dimension"),
        ('location = "basal"', 'location = "below"', "undeclared_location"),
        ('location = "gutter"', 'location = "guter"', "undeclared_location"),
        ('chip = "C07"\ntime = "72 h"', 'chip = "C7"\ntime = "72 h"', "undeclared_chip"),
        ('path = "raw/sweep_freq"', "", "sidecar_missing"),
        ('date_order = "MDY"', 'on_bad_row = "skip"', "sidecar_value"),
        ('date_order = "MDY"', 'limits = { "IL-8" = { low = "3" } }', "unknown_unit"),
        ('date_order = "MDY"', 'sentinels = { "ND" = "low" }', "sidecar_value"),
        ('date_order = "MDY"', "expected = { row = 3 }", "sidecar_value"),
        ('date_order = "MDY"', 'well_map = "no.csv"', "file_missing"),
        ('date_order = "MDY"', 'well_map = { A1 = { chip = "C99" } }', "undeclared_chip"),
        ('date_order = "MDY"', 'well_map = [{ chip = "C07" }]', "sidecar_missing"),
        ('date_order = "MDY"', 'well_map = [{ well = "A1" }, { well = "a01" }]', "duplicate_well"),
    ],
)
def test_each_mistake_is_named(old, new, code):
    assert old in GOOD
    with pytest.raises(ChipDataError) as caught:
        Sidecar.from_text(GOOD.replace(old, new, 1))
    assert {one.code for one in caught.value.errors} == {code}
    (error,) = caught.value.errors
    assert error.file and error.expected


def test_all_mistakes_are_reported_together():
    text = GOOD.replace("OOC1", "OOC2", 2).replace("ng/mL", "foo").replace('"3 d"', "3")
    text = text.replace('id = "AD-chip-03"', "")
    with pytest.raises(ChipDataErrors) as caught:
        Sidecar.from_text(text)
    codes = [one.code for one in caught.value.errors]
    assert {"sidecar_missing", "undeclared_device", "unknown_unit", "not_a_duration"} <= set(codes)


def test_broken_toml_and_missing_file(tmp_path):
    with pytest.raises(ChipDataError, match="not_toml"):
        Sidecar.from_text("[study\n")
    with pytest.raises(ChipDataError, match="not_text"):
        Sidecar.from_text('[study]\nid = "a\\u0000b"\n')
    with pytest.raises(ChipDataError, match="file_missing"):
        Sidecar.read(tmp_path / "chip.toml")
    (tmp_path / "chip.toml").write_bytes(b'[study]\nid = "\xff"\n')
    with pytest.raises(ChipDataError, match="unknown_encoding"):
        Sidecar.read(tmp_path / "chip.toml")


MAP = """well;sample;chip;time;location;dilution;use;technical_replicate
A1;;C07;24 h;basal;2;;1
A02;;C08;24 h;basal;;;1
;std 1;;;;;standard;
"""


def _with_map(tmp_path, text):
    (tmp_path / "wells.csv").write_text(text, encoding="utf-8")
    car = GOOD.replace('date_order = "MDY"', 'well_map = "wells.csv"')
    return Sidecar.from_text(car, folder=tmp_path).files[0].well_map


def test_a_well_map_from_a_table(tmp_path):
    places = _with_map(tmp_path, MAP)
    assert places is not None and set(places) == {"well:A01", "well:A02", "sample:std 1"}
    assert places["well:A01"].chip == "C07" and places["well:A01"].dilution == 2.0
    assert places["well:A01"].time_s == 86400.0 and places["sample:std 1"].use == "standard"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("chip;time", "chips;time", "well_map_header"),
        ("C08;24 h", "C99;24 h", "undeclared_chip"),
        ("A02;;C08;24 h", "A02;;C08;24", "not_a_duration"),
        ("A02", "Z02", "not_a_well"),
        ("A02", "A1", "duplicate_well"),
        ("standard", "stadard", "sidecar_value"),
        ("24 h;basal;2", "24 h;basal;0", "sidecar_value"),
        (";1\n;std", "\n;std", "cut_row"),
    ],
)
def test_mistakes_in_a_well_map(tmp_path, old, new, code):
    with pytest.raises(ChipDataError) as caught:
        _with_map(tmp_path, MAP.replace(old, new, 1))
    assert code in {one.code for one in caught.value.errors}
