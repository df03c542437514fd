"""Instruments of which no recording exists, read with declared columns.

No export of EVOM, OrganoTEER, water-loss and colour probes, or pumps could be had, so no layout is
claimed for them. The tables here are what a laboratory may have; the side-car says what each column
is, and the test that the values arrive with the right quantity, unit, place and time.
"""

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, TimeQuality
from skinmech_chip_adapters.instruments.generic_table.writer import write
from tests.chip_adapters.oxygen._read import codes

HEAD = """
[study]
id = "s"
[device.insert]
membrane_area_cm2 = 0.33
area_source = "maker"
[chip.C1]
device = "insert"
t0 = "2026-03-01T08:00:00+01:00"
[chip.C2]
device = "insert"
t0 = "2026-03-01T08:00:00+01:00"
[[file]]
path = "data.csv"
adapter = "generic_table"
"""

EVOM = """
location = "apical"
expected = { rows = 4 }
temperature_degC = 37.0
[file.columns]
"Insert" = { role = "chip" }
"Day" = { role = "time", unit = "d" }
"Blank (Ohm)" = { role = "ignore", reason = "the same blank insert, see the notes" }
"Resistance (kΩ)" = { observable = "resistance", unit = "kΩ", method = "EVOM, STX2, 12.5 Hz" }
"TEER (Ω·cm²)" = { observable = "teer", unit = "Ω·cm²", kind = "derived", method = "EVOM" }
"Operator note" = { role = "note" }
"""


def test_evom_readings_by_hand(read_bytes):
    titles = ("Insert", "Day", "Blank (Ohm)", "Resistance (kΩ)", "TEER (Ω·cm²)", "Operator note")
    rows = [
        ("C1", 3.0, 120.0, 0.87, 247.5, ""),
        ("C1", 5.0, 120.0, 1.46, 442.2, "medium changed"),
        ("C2", 3.0, 120.0, 0.79, 221.1, ""),
        ("C2", 5.0, 120.0, "OVER", "---", "electrode dry"),
    ]
    content = write(titles, rows, delimiter=";", decimal=",", encoding="utf-8-sig")
    record = read_bytes(content, HEAD + EVOM)
    read = record.measurements.select(observable="resistance")
    assert [row.value for row in read][:3] == [870.0, 1460.0, 790.0]
    assert [row.censor for row in read] == ["none", "none", "none", "right"]
    assert read["time_s"][0] == 3 * 86400.0 and read.row(1).note == "medium changed"
    assert {row.method for row in read} == {"EVOM, STX2, 12.5 Hz"}
    teer = record.measurements.select(observable="teer")
    assert [row.value for row in teer][:3] == [247.5, 442.2, 221.1]
    assert teer.row(3).censor == "missing" and set(teer["kind"]) == {"derived"}
    assert set(record.measurements["temperature_degC"]) == {37.0}
    assert not any(row.flags & Flag.UNVERIFIED_END for row in record.measurements)


def test_evom_resistance_per_area_is_not_taken_for_teer(read_bytes):
    columns = EVOM.replace('unit = "Ω·cm²"', 'unit = "Ω/cm²"').replace("TEER (Ω·cm²)", "TEER")
    with pytest.raises(ChipDataError) as caught:
        read_bytes(b"x", HEAD + columns)
    assert codes(caught) == {"meaningless_unit"}


EVOM_AUTO = """
time = "5 d"
location = "apical"
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C2" }
A3 = { use = "blank" }
[file.columns]
"Well" = { role = "well" }
"Frequency [Hz]" = { role = "frequency", unit = "Hz" }
"Mean [Ohm]" = { observable = "impedance_magnitude", unit = "Ohm" }
"SD [Ohm]" = { role = "sd", of = "Mean [Ohm]" }
"Reads" = { role = "n", of = "Mean [Ohm]" }
"""


def test_evom_plate_by_wells_with_frequency_and_spread(read_bytes):
    titles = ("Well", "Frequency [Hz]", "Mean [Ohm]", "SD [Ohm]", "Reads")
    rows = [("A1", 12.5, 612.5, 4.5, 3), ("A2", 12.5, 580.0, 2.5, 3), ("A3", 12.5, 101.0, 0.5, 3)]
    record = read_bytes(write(titles, rows), HEAD + EVOM_AUTO)
    assert [row.chip_id for row in record.measurements] == ["C1", "C2"]
    first = record.measurements.row(0)
    assert (first.frequency_Hz, first.sd, first.n, first.well) == (12.5, 4.5, 3.0, "A01")
    assert first.sd_origin == "stated" and first.time_s == 5 * 86400.0
    with pytest.raises(ChipDataError) as caught:  # a well of the map is not in the file
        read_bytes(write(titles, rows[:2]), HEAD + EVOM_AUTO)
    assert codes(caught) == {"well_not_in_file"}


ORGANOTEER = """
layout = "impedance"
imaginary_sign = "capacitive_negative"
[file.well_map]
B3 = { chip = "C1" }
B6 = { chip = "C2" }
[file.columns]
"Chip position" = { role = "well" }
"Elapsed (h)" = { role = "time", unit = "h" }
"Freq (Hz)" = { role = "frequency", unit = "Hz" }
"|Z| (kOhm)" = { role = "magnitude", unit = "kOhm" }
"Phase (deg)" = { role = "phase", unit = "deg" }
"Temp (°C)" = { role = "temperature", unit = "°C" }
"""


def test_organoteer_sweeps_of_two_chips_at_two_times(read_bytes):
    frequency = np.geomspace(10.0, 1e5, 9)
    titles = ("Chip position", "Elapsed (h)", "Freq (Hz)", "|Z| (kOhm)", "Phase (deg)", "Temp (°C)")
    rows, expected = [], {}
    for well, chip, resistance in (("B3", "C1", 900.0), ("B6", "C2", 500.0)):
        for hours in (24.0, 48.0):
            z = 50.0 + resistance / (1 + 2j * np.pi * frequency * resistance * 1e-6)
            expected[chip, hours * 3600.0] = z
            rows += [
                (well, hours, float(f), float(abs(one) / 1e3), float(np.degrees(np.angle(one))),
                 36.5)
                for f, one in zip(frequency, z, strict=True)
            ]  # fmt: skip
    record = read_bytes(write(titles, rows, delimiter="\t"), HEAD + ORGANOTEER)
    assert len(record.spectra) == 4
    for one in record.spectra:
        np.testing.assert_allclose(one.z_ohm, expected[one.chip_id, one.time_s], rtol=1e-14)
        np.testing.assert_array_equal(one.frequency_Hz, frequency)
        assert (one.z_ohm.imag < 0).all() and one.temperature_degC == 36.5
        assert one.well == {"C1": "B03", "C2": "B06"}[one.chip_id]


EIS = """
chip = "C1"
time = "24 h"
layout = "impedance"
imaginary_sign = "capacitive_positive"
[file.columns]
"f/kHz" = { role = "frequency", unit = "kHz" }
"Z/ohm" = { role = "magnitude", unit = "ohm" }
"-phi/rad" = { role = "phase", unit = "rad" }
"""


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_an_impedance_table_in_radians_with_decimal_comma(read_bytes, delimiter):
    rows = [(10.0, 100.5, 0.25), (1.0, 200.5, 0.5), (0.1, 400.5, 0.75)]
    content = write(("f/kHz", "Z/ohm", "-phi/rad"), rows, delimiter=delimiter, decimal=",")
    (one,) = read_bytes(content, HEAD + EIS).spectra
    expected = [z * np.exp(-1j * phi) for _, z, phi in rows]
    np.testing.assert_allclose(one.z_ohm, expected, rtol=1e-15)
    assert one.frequency_Hz.tolist() == [1e4, 1e3, 1e2]


TEWL = """
location = "surface"
timezone = "Europe/Berlin"
date_order = "DMY"
limits = {{}}
[file.columns]
"Probe" = {{ role = "{probe}" }}
"Chip" = {{ role = "chip" }}
"Date" = {{ role = "date" }}
"Time" = {{ role = "clock" }}
"Repeat" = {{ role = "technical_replicate" }}
"TEWL [g/m²h]" = {{ observable = "tewl", unit = "g/m²h", method = "{method}" }}
"RH" = {{ role = "ignore", reason = "room humidity" }}
"""


def test_water_loss_probe_with_dates_and_repeats(read_bytes):
    titles = ("Probe", "Chip", "Date", "Time", "Repeat", "TEWL [g/m²h]", "RH")
    rows = [
        ("P1", "C1", "02.03.2026", "08:00", "1", 12.5, 41),
        ("P1", "C1", "02.03.2026", "08:01", "2", 12.75, 41),
        ("P1", "C2", "02.03.2026", "08:05", "1", "<0.5", 41),
    ]
    sidecar = HEAD + TEWL.format(probe="ignore", method="open chamber").replace("limits = {}\n", "")
    record = read_bytes(write(titles, rows, encoding="utf-16"), sidecar)
    values = record.measurements
    assert values["time_s"].tolist() == [86400.0, 86460.0, 86700.0]
    assert list(values["technical_replicate"]) == ["1", "2", "1"]
    assert values.row(2).censor == "left" and values.row(2).limit_high == 0.5
    assert set(values["time_quality"]) == {TimeQuality.DECLARED_ZONE}
    assert set(values["method"]) == {"open chamber"} and set(values["unit"]) == {"g/m**2/h"}


COLOUR = """
time = "72 h"
location = "surface"
[file.columns]
"Chip" = { role = "chip" }
"L*(SCI)" = { observable = "lstar", unit = "CIELAB", method = "SCI, D65/10" }
"a*(SCI)" = { observable = "astar", unit = "CIELAB", method = "SCI, D65/10" }
"b*(SCI)" = { observable = "bstar", unit = "CIELAB", method = "SCI, D65/10" }
"L*(SCE)" = { observable = "lstar", unit = "CIELAB", method = "SCE, D65/10" }
"Melanin" = { observable = "melanin_index", unit = "mexameter a.u.", method = "MX 18" }
"Hydration" = { observable = "hydration", unit = "corneometer a.u.", method = "CM 825" }
"""


def test_colour_and_skin_probes_keep_the_method_apart(read_bytes):
    titles = ("Chip", "L*(SCI)", "a*(SCI)", "b*(SCI)", "L*(SCE)", "Melanin", "Hydration")
    rows = [
        ("C1", 65.25, 8.5, 15.75, 63.5, 212.0, 48.5),
        ("C2", 41.5, 12.25, 20.5, 40.0, 480.0, 51),
    ]
    record = read_bytes(write(titles, rows), HEAD + COLOUR)
    assert len(record.measurements) == 12
    lightness = record.measurements.select(observable="lstar", chip_id="C1")
    assert {row.method: row.value for row in lightness} == {
        "SCI, D65/10": 65.25, "SCE, D65/10": 63.5,
    }  # fmt: skip
    arbitrary = COLOUR.replace("mexameter a.u.", "a.u.")
    with pytest.raises(ChipDataError) as caught:
        read_bytes(write(titles, rows), HEAD + arbitrary)
    assert codes(caught) == {"meaningless_unit"}


PUMP = """
chip = "C1"
layout = "series"
{time}
[file.columns]
"Time [s]" = {{ role = "time", unit = "s" }}
"Pressure 1 [mbar]" = {{ observable = "pressure", unit = "mbar", location = "apical" }}
"Volume flow rate 1 [µL/min]" = {{ observable = "flow", unit = "µL/min", location = "apical" }}
"Volume flow rate 2 [µL/min]" = {{ observable = "flow", unit = "µL/min", location = "basal" }}
"State" = {{ role = "status" }}
"""
PUMP_TITLES = ("Time [s]", "Pressure 1 [mbar]", "Volume flow rate 1 [µL/min]",
               "Volume flow rate 2 [µL/min]", "State")  # fmt: skip


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [("\t", "."), (";", ","), ("\t", ","), (",", ".")]
)
def test_pump_and_pressure_logger(read_bytes, delimiter, decimal):
    rows = [(0.0, 101.5, 30.5, -5.25, "run"), (0.5, 102.5, 31.5, -5.5, "run"),
            (1.0, "error", 0.0, 0.0, "stalled")]  # fmt: skip
    content = write(PUMP_TITLES, rows, delimiter=delimiter, decimal=decimal)
    record = read_bytes(content, HEAD + PUMP.format(time='time = "1 h"'))
    pressure, apical, basal = record.series
    assert pressure.value.tolist()[:2] == pytest.approx([10.15, 10.25], rel=1e-15)
    assert np.isnan(pressure.value[2]) and pressure.status_text[2] == "stalled"
    assert apical.value.tolist() == [30.5, 31.5, 0.0] and apical.location == "apical"
    assert basal.value.tolist() == [-5.25, -5.5, 0.0] and basal.location == "basal"
    assert pressure.time_s.tolist() == [3600.0, 3600.5, 3601.0]


def test_pump_log_with_dates_only(read_bytes):
    sidecar = HEAD + PUMP.format(time='timezone = "Europe/Berlin"').replace(
        '"Time [s]" = { role = "time", unit = "s" }', '"Time [s]" = { role = "timestamp" }'
    )
    rows = [
        ("2026-03-01 08:00:00", 100.0, 1.5, 2.5, ""),
        ("2026-03-01 08:00:10.5", 100.0, 1.5, 2.5, ""),
    ]
    record = read_bytes(write(PUMP_TITLES, rows), sidecar)
    assert record.series[0].time_s.tolist() == [0.0, 10.5]


@pytest.mark.parametrize("cut", [0.3, 0.55, 0.8, 0.93])
def test_a_cut_table_is_refused_or_flagged(read_bytes, cut):
    rows = [("C1", float(day), 120.0, 0.5 + day, 10.5 * day, "") for day in range(12)]
    titles = ("Insert", "Day", "Blank (Ohm)", "Resistance (kΩ)", "TEER (Ω·cm²)", "Operator note")
    content = write(titles, rows)
    options = EVOM.replace("expected = { rows = 4 }\n", "")
    whole = read_bytes(content, HEAD + options).measurements["value"].tolist()
    try:
        record = read_bytes(content[: int(cut * len(content))], HEAD + options)
    except ChipDataError as error:
        assert error.errors
        return
    values = record.measurements["value"].tolist()
    assert values[:-2] == whole[: len(values) - 2]
    assert record.measurements["flags"][-1] & Flag.UNVERIFIED_END


WELLS = """
layout = "series"
[file.well_map]
A1 = { chip = "C1" }
A2 = { chip = "C1" }
[file.columns]
"Well" = { role = "well" }
"t" = { role = "time", unit = "s" }
"Flow" = { observable = "flow", unit = "uL/min" }
"""


def test_two_wells_of_one_chip_stay_two_series(read_bytes):
    rows = [("A1", 0.0, 1.5), ("A2", 0.0, 2.5), ("A1", 1.0, 1.75), ("A2", 1.0, 2.75)]
    record = read_bytes(write(("Well", "t", "Flow"), rows), HEAD + WELLS)
    assert {one.channel: one.value.tolist() for one in record.series} == {
        "Flow A01": [1.5, 1.75],
        "Flow A02": [2.5, 2.75],
    }


@pytest.mark.parametrize(
    ("layout", "role"),
    [("series", "excluded"), ("series", "analyte"), ("series", "note"), ("table", "status"),
     ("table", "sweep"), ("impedance", "status"), ("impedance", "sd")],
)  # fmt: skip
def test_a_column_that_the_layout_would_lose_is_refused(read_bytes, layout, role):
    columns = ORGANOTEER if layout == "impedance" else WELLS.replace("series", layout)
    columns += f'"More" = {{ role = "{role}", of = "Flow" }}\n'
    with pytest.raises(ChipDataError) as caught:
        read_bytes(b"x", HEAD + columns)
    assert "sidecar_value" in codes(caught) and repr(role) in str(caught.value)


def test_two_wells_of_one_chip_stay_two_spectra(read_bytes):
    sidecar = HEAD + ORGANOTEER.replace('chip = "C2"', 'chip = "C1"')
    titles = ("Chip position", "Elapsed (h)", "Freq (Hz)", "|Z| (kOhm)", "Phase (deg)", "Temp (°C)")
    rows = [(well, 24.0, f, 1.5, -45.0, 37.0) for well in ("B3", "B6") for f in (10.0, 100.0)]
    record = read_bytes(write(titles, rows), sidecar)
    assert [one.well for one in record.spectra] == ["B03", "B06"]


ASSAY = """
time = "1 h"
limits = { "IL-8" = { low = "2 pg/mL", high = "1 ng/mL" } }
[file.columns]
"Chip" = { role = "chip" }
"MFI" = { observable = "mfi", analyte = "IL-8", unit = "MFI" }
"c" = { observable = "concentration", analyte = "IL-8", unit = "pg/mL" }
"""


def test_limits_of_a_concentration_do_not_touch_the_signal_beside_it(read_bytes):
    rows = [("C1", 0.5, 0.5), ("C2", 5000.0, 5.5)]
    sidecar = HEAD.replace('id = "s"', 'id = "s"\ntargets = ["IL-8"]') + ASSAY
    record = read_bytes(write(("Chip", "MFI", "c"), rows), sidecar)
    marked = {
        (row.observable, row.value)
        for row in record.measurements
        if row.flags & Flag.OUT_OF_CALIBRATION
    }
    assert marked == {("concentration", 0.5)}
