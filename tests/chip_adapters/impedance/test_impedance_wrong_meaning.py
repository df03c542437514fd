"""Bad inputs of the impedance formats: signs, columns, units, words, duplicates, techniques."""

import csv
import io
import json
import re
from datetime import UTC

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, Sidecar, adapters, load, read, save
from skinmech_chip_adapters.instruments.biologic_mpt import writer as biologic_mpt
from skinmech_chip_adapters.instruments.cellzscope_raw import writer as cellzscope_raw
from skinmech_chip_adapters.instruments.ecis_abp import writer as ecis_abp
from skinmech_chip_adapters.instruments.gamry import writer as gamry
from skinmech_chip_adapters.instruments.palmsens import writer as palmsens
from tests.chip_adapters.impedance.conftest import (
    FORMATS,
    SWEEPS,
    WHEN,
    F,
    Z,
    example,
    example_fails,
    example_of,
    fails,
    one,
    parse,
    sidecar_text,
)

# 13, 14, 31: area, real part, sign


@pytest.mark.parametrize("name", SWEEPS)
def test_a_spectrum_needs_no_area_and_gives_no_resistance_times_area(name):
    _, records = parse(*example(name))
    assert records.spectra and not records.measurements


def test_area_in_a_potentiostat_file_is_not_used():
    content = gamry.write(F, Z, WHEN)
    assert b"\nAREA\t" in content
    _, plain = one("gamry", content, 'date_order = "MDY"')
    _, other = one(
        "gamry", content.replace(b"AREA\tQUANT\t1.0", b"AREA\tQUANT\t7.5"), 'date_order = "MDY"'
    )
    assert plain.spectra[0].z_ohm.tolist() == other.spectra[0].z_ohm.tolist() == Z.tolist()


@pytest.mark.parametrize("name", SWEEPS)
def test_a_capacitor_has_a_negative_imaginary_part(name):
    """The examples are layers without an inductive part."""
    _, records = parse(*example(name))
    for spectrum in records.spectra:
        assert (np.imag(spectrum.z_ohm) < 0).all() and (np.real(spectrum.z_ohm) > 0).all()


def test_negative_real_part_is_flagged_and_kept():
    z = Z - 150.0
    _, records = one("gamry", gamry.write(F, z, WHEN), 'date_order = "MDY"')
    assert records.spectra[0].flags & Flag.NEGATIVE_REAL
    assert records.spectra[0].z_ohm.tolist() == z.tolist()


def test_palmsens_unstated_sign_is_refused():
    content = palmsens.write([("s", F, Z)], WHEN.replace(tzinfo=UTC), encoding="utf-8")
    assert fails("palmsens", content.replace(b"-Z''", b"Im Z"))[0] == {"sign_unclear"}
    other = content.replace(b"-Z''", b"Z''")
    assert fails("palmsens", other)[0] == {"inconsistent_row"}  # magnitude and phase disagree


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("gamry", b"\tZreal\tZimag", b"\tZimag\tZreal"),
        ("biologic_mpt", b"Re(Z)/Ohm\t-Im(Z)/Ohm", b"-Im(Z)/Ohm\tRe(Z)/Ohm"),
    ],
)
def test_swapped_columns_are_found_by_magnitude_and_phase(name, old, new):
    assert example_fails(name, old, new)[0] == {"inconsistent_row"}


# 15: aborted


def test_aborted_run_keeps_its_points_with_a_flag():
    content = gamry.write(F, Z, WHEN, aborted=True)
    parsed, records = one("gamry", content, 'date_order = "MDY"')
    assert records.spectra[0].flags & Flag.ABORTED and len(records.spectra[0].z_ohm) == 3
    assert "aborted" in [message.code for message in records.messages]
    kept = content.replace(b"TOGGLE\tT", b"TOGGLE\tF")
    assert not one("gamry", kept, 'date_order = "MDY"')[1].spectra[0].flags & Flag.ABORTED


# 16, 17, 25: columns, techniques, adapters


@pytest.mark.parametrize(
    ("name", "old", "named"),
    [
        ("biologic_mpt", b"freq/Hz", "'freq'"),
        ("cellzscope_raw", b"frequency (Hz)", "'frequency'"),
        ("ecis_abp", b"X 1000,", "'X 1000'"),
        ("ecis_rba", b"Rb (ohm.cm^2)", "'Rb'"),
        ("gamry", b"\tFreq\t", "'Freq'"),
        ("palmsens", b'"Frequency"', "'Frequency'"),
        ("sciospec", b"frequency[Hz]", "'frequency'"),
        ("xcelligence_text", b"Time-Interval(Hour)\tTime-Interval\t", "'Time-Interval(Hour)'"),
    ],
)
def test_missing_column_is_named(name, old, named):
    new = old.replace(b"req", b"xxx").replace(b"X 1000", b"Y 1000").replace(b"Rb", b"Rx")
    new = new.replace(b"(Hour)\tTime-Interval", b"(Day)\tTime-Clock")
    codes, text = example_fails(name, old, new)
    assert codes == {"column_missing"} and named in text


def test_other_techniques_are_named():
    content = biologic_mpt.write([(F, Z)], WHEN, technique="Modulo Bat")
    content = content.replace(b"freq/Hz", b"cycle/x").replace(b"Re(Z)/Ohm", b"Ewe/V")
    content = content.replace(b"-Im(Z)/Ohm", b"I/mA")
    codes, text = fails("biologic_mpt", content)
    assert codes == {"not_impedance"} and "Modulo Bat" in text
    content = gamry.write(F, Z, WHEN, technique="CV").replace(b"ZCURVE", b"CURVE1")
    codes, text = fails("gamry", content)
    assert codes == {"not_impedance"} and "'CV'" in text
    session = json.loads(palmsens.write([("s", F, Z)], WHEN.replace(tzinfo=UTC),
                                        encoding="utf-8", bom=False))  # fmt: skip
    (measurement,) = session["Measurements"]
    measurement |= {"EISDataList": [], "Type": "Voltammetry", "Method": "METHOD_ID=cv\r\n"}
    measurement["DataSet"]["Type"] = "PalmSens.Data.DataSetCommon"
    assert fails("palmsens", json.dumps(session).encode())[0] == {"not_impedance"}


@pytest.mark.parametrize("name", FORMATS)
def test_another_impedance_format_is_refused_by_name(name):
    for other in set(FORMATS) - {name}:
        with pytest.raises(ChipDataError, match="wrong_format"):
            parse(name, example_of(other).content, Sidecar.from_text(example_of(name).sidecar))


def test_binary_file_is_claimed_and_refused_with_the_way_out():
    content = b"BIO-LOGIC MODULAR FILE\x1a" + bytes(200)
    assert adapters()["biologic_mpt"].sniff(content, "a.mpr").score >= 0.5
    codes, text = fails("biologic_mpt", content)
    assert codes == {"binary_file"} and "export the file as text" in text


# 18, 26: words instead of numbers


@pytest.mark.parametrize("word", ["nan", "inf", "1.#INF", "-1.#IND", "OVRFLW", "---", ""])
@pytest.mark.parametrize("name", ["cellzscope_raw", "gamry", "ecis_abp"])
def test_a_word_in_a_spectrum_is_left_out_counted_and_never_zero(name, word):
    if name == "gamry":
        content = gamry.write(F, Z, WHEN).replace(b"200.25", word.encode(), 1)
    elif name == "ecis_abp":
        content = ecis_abp.write({(0.0, 1): Z}, F, WHEN).replace(b"200.25", word.encode(), 1)
    else:
        content = cellzscope_raw.write(
            [cellzscope_raw.Sweep("A1", "s", "Run.1", WHEN, F, np.real(Z), -F / F)]
        ).replace(b"200.25", word.encode(), 1)
    order = "DMY" if name == "cellzscope_raw" else "MDY"
    _, records = one(name, content, f'date_order = "{order}"')
    (spectrum,) = records.spectra
    assert spectrum.frequency_Hz.tolist() == [1000.0, 10.0] and spectrum.flags & Flag.BAD_ROW
    assert "1 rows without a value left out" in spectrum.note
    assert np.isfinite(spectrum.z_ohm).all()


def test_unreadable_word_is_an_error_or_flagged_on_request():
    content = gamry.write(F, Z, WHEN).replace(b"200.25", b"oops", 1)
    codes, text = fails("gamry", content, 'date_order = "MDY"')
    assert codes == {"not_a_number"} and re.search(r"line \d+, column 4", text)
    options = 'date_order = "MDY"\non_bad_row = "keep_flagged"'
    parsed, records = one("gamry", content, options)
    assert len(records.spectra[0].z_ohm) == 2 and records.spectra[0].flags & Flag.BAD_ROW
    assert [message.level for message in parsed.messages] == ["error"]


@pytest.mark.parametrize("name", ["cellzscope_model", "xcelligence_text", "ecis_rba"])
@pytest.mark.parametrize(("word", "state"), [("n/a", "missing"), ("OVRFLW", "right")])
def test_a_word_in_a_table_is_a_state(name, word, state):
    old = {"cellzscope_model": b"18.25", "xcelligence_text": b"\t0.45", "ecis_rba": b"\n1.00,1.80"}
    new = old[name][: -len(old[name].split(b",")[-1].split(b"\t")[-1])] + word.encode()
    _, records = parse(*example(name, old[name], new, 1))
    (row,) = [row for row in records.measurements if row.raw_text == word]
    assert row.censor == state and np.isnan(row.value)


def test_direct_current_rows_are_left_out_and_counted():
    content = biologic_mpt.write([(np.array([1000.0, 100.0, 0.0]), Z)], WHEN)
    _, records = one("biologic_mpt", content, 'date_order = "MDY"')
    assert records.spectra[0].frequency_Hz.tolist() == [1000.0, 100.0]
    assert "1 rows at 0 Hz left out" in records.spectra[0].note


# 20, 21: units and columns


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("gamry", b"\tohm\tohm", b"\tohm/cm2\tohm", "meaningless_unit"),
        ("cellzscope_raw", b"(Ohm)", b"(Ohmm)", "unknown_unit"),
        ("cellzscope_model", "TER(Ω·cm²)".encode(), "TER(Ω/cm²)".encode(), "meaningless_unit"),
        ("cellzscope_model", b"time (h)", b"time (d)", "unknown_unit"),
        ("ecis_rba", b"Rb (ohm.cm^2)", b"Rb (ohm/cm^2)", "meaningless_unit"),
        ("sciospec", b"Re[Ohm]", b"Re[V]", "unit_dimension"),
        ("biologic_mpt", b"Re(Z)/Ohm", b"Re(Z)/Siemens", "unknown_unit"),
        ("palmsens", b"PalmSens.Units.ZRe", b"PalmSens.Units.KiloOhm", "unknown_unit"),
    ],
)
def test_another_unit_is_an_error_with_its_text(name, old, new, code):
    codes, text = example_fails(name, old, new)
    assert codes == {code} and "unit" in text


def test_unknown_column_is_listed_with_a_warning():
    parsed, records = parse(*example("gamry", b"\tIERange", b"\tNovel"))
    assert "Novel" in [item.name for item in parsed.unparsed]
    assert "unknown_column" in [message.code for message in parsed.messages]
    parsed, records = parse(*example("cellzscope_model", b"CPE_A", b"Novel"))
    assert any("Novel" in item.name for item in records.unparsed)
    assert "unknown_column" in [message.code for message in records.messages]


def test_drift_corrected_columns_do_not_replace_the_raw_ones():
    content = gamry.write(F, Z, WHEN).replace(b"\tIdc\tVdc", b"\tZrealDrCor\tZimagDrCor")
    parsed, records = one("gamry", content, 'date_order = "MDY"')
    assert records.spectra[0].z_ohm.tolist() == Z.tolist()
    assert {"ZrealDrCor", "ZimagDrCor"} <= {item.name for item in parsed.unparsed}


# 22, 23: duplicates, several sweeps


def test_a_well_measured_twice_in_one_run_is_refused():
    codes, text = example_fails("cellzscope_raw", b"Run.5", b"Run.1")
    assert codes == {"duplicate_well"} and "A01" in text


def test_wells_without_a_map_are_kept_apart_with_a_warning():
    made = example_of("cellzscope_raw")
    _, records = one("cellzscope_raw", made.content, 'date_order = "DMY"')
    assert {spectrum.well for spectrum in records.spectra} == {"A01", "A02"}
    assert "well_map_missing" in [message.code for message in records.messages]


def test_repeated_lists_of_frequencies_are_scans_of_their_own():
    content = palmsens.write(
        [("s", np.concatenate([F, F]), np.concatenate([Z, 2 * Z]))],
        WHEN.replace(tzinfo=UTC), encoding="utf-8",
    )  # fmt: skip
    _, records = one("palmsens", content)
    assert [spectrum.z_ohm.tolist() for spectrum in records.spectra] == [
        Z.tolist(), (2 * Z).tolist(),
    ]  # fmt: skip
    assert len({spectrum.source_locator for spectrum in records.spectra}) == 2


def test_cycles_of_a_header_without_loops_are_sweeps_of_their_own():
    content = biologic_mpt.write([(F, Z), (F, 2 * Z)], WHEN, loops=False)
    _, records = one("biologic_mpt", content, 'date_order = "MDY"')
    assert [spectrum.z_ohm.tolist() for spectrum in records.spectra] == [
        Z.tolist(), (2 * Z).tolist(),
    ]  # fmt: skip
    assert records.spectra[1].time_s > records.spectra[0].time_s
    assert records.spectra[-1].flags & Flag.UNVERIFIED_END


def test_several_numbers_on_a_plate_that_is_not_96_wells_are_named_by_number():
    content = ecis_abp.write({(0.0, 3): Z}, F, WHEN, plate=16)
    _, records = one("ecis_abp", content, wells={"3": "C7"})
    (spectrum,) = records.spectra
    assert spectrum.well == "3" and spectrum.chip_id == "C7"


# 24: saved again by a spreadsheet


@pytest.mark.parametrize("name", ["cellzscope_raw", "cellzscope_model", "ecis_rba",
                                  "xcelligence_text"])  # fmt: skip
def test_a_file_saved_again_by_a_spreadsheet_gives_the_same_values(name):
    """Quotes where a comma needs them, every row padded to the same width."""
    made = example_of(name)
    delimiter = "\t" if name == "xcelligence_text" else ","
    lines = made.content.decode("utf-8-sig").splitlines()
    rows = [[line] if line.startswith(("Well:", "Spectrum:")) else line.split(delimiter)
            for line in lines]  # fmt: skip
    width = max(map(len, rows)) + 2
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n", delimiter=delimiter).writerows(
        row + [""] * (width - len(row)) for row in rows
    )
    sidecar = Sidecar.from_text(made.sidecar)
    old, new = (parse(name, c, sidecar)[1] for c in (made.content, out.getvalue().encode("utf-8")))
    assert [s.z_ohm.tobytes() for s in old.spectra] == [s.z_ohm.tobytes() for s in new.spectra]
    assert [repr((m.value, m.well, m.time_s, m.censor)) for m in old.measurements] == [
        repr((m.value, m.well, m.time_s, m.censor)) for m in new.measurements
    ]


def test_rows_whose_tabs_became_blanks_are_read_with_a_warning():
    content = gamry.write(F, Z, WHEN)
    lines = content.splitlines(keepends=True)
    lines[-1] = lines[-1].replace(b"\t", b"  ", 3)
    parsed, records = one("gamry", b"".join(lines), 'date_order = "MDY"')
    assert records.spectra[0].z_ohm.tolist() == Z.tolist()
    assert [message.code for message in parsed.messages] == ["tabs_lost"]


# 28: size and depth


def test_deep_nesting_and_huge_numbers_are_refused():
    head = b'{"Type":"PalmSens.DataFiles.SessionFile","Measurements":'
    assert fails("palmsens", head + b"[" * 200_000 + b"]" * 200_000 + b"}")[0] == {"not_json"}
    assert fails("palmsens", head + b"9" * 5000 + b"}")[0] == {"number_range"}
    assert fails("palmsens", head + b"1e999}")[0] == {"number_range"}
    assert fails("palmsens", head + b'1,"Type":"x"}')[0] == {"duplicate_key"}
    content = gamry.write(F, Z, WHEN).replace(b"200.25", b"1e999")
    assert fails("gamry", content, 'date_order = "MDY"')[0] == {"number_range"}


def test_escapes_that_no_file_can_hold_are_taken_out_of_texts(tmp_path):
    content = palmsens.write([("s", F, Z)], WHEN.replace(tzinfo=UTC), encoding="utf-8", bom=False)
    content = content.replace(b'"CoreVersion":"5', b'"MethodForMeasurement":"a\\u0000\\ud800",'
                              b'"CoreVersion":"\\udc00\\u0000 5', 1)  # fmt: skip
    (tmp_path / "a.pssession").write_bytes(content)
    text = sidecar_text("a.pssession", ["C1"], 'time = "1 h"')
    record = read(tmp_path / "a.pssession", Sidecar.from_text(text, folder=tmp_path))
    assert load(save(record, tmp_path / "s.h5")) == record
    assert next(iter(record.sources.values())).header_text == "a?"


# what must not be mixed up


def test_model_terms_and_cell_index_are_never_called_teer():
    for name, observable in (("ecis_rba", "ecis_rb"), ("xcelligence_text", "cell_index")):
        _, records = parse(*example(name))
        assert {row.observable for row in records.measurements} == {observable}


def test_xcelligence_rows_within_the_same_hundredth_of_an_hour_stay_apart():
    _, records = parse(*example("xcelligence_text"))
    times = [row.time_s for row in records.measurements if row.well == "A01"]
    assert times == [3600.0, 3613.0, 6946.0, 10800.0]
    codes, text = example_fails("xcelligence_text", b"T00:55:46", b"T01:55:46")
    assert codes == {"inconsistent_row"} and "line 5" in text


def test_sample_names_never_enter_a_message():
    """A sample may be called after a person."""
    made = example_of("cellzscope_raw")
    content = made.content.replace(b"80,000 cells", b"Erika Mustermann")
    codes, text = fails("cellzscope_raw", content, wells={"B7": "C1"})
    assert "undeclared_well" in codes and "A01" in text and "Mustermann" not in text
