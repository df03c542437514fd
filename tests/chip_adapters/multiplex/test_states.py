"""Bad inputs and words of multiplex immunoassays: what must happen."""

import math

import pytest

from skinmech_chip_adapters import Censor, ChipDataError, Flag, TimeQuality
from skinmech_chip_adapters.instruments.luminex_intelliflex import writer as intelliflex
from skinmech_chip_adapters.instruments.msd_methodical_mind import writer as methodical
from skinmech_chip_adapters.instruments.olink import writer as olink
from tests.chip_adapters.multiplex.support import START, codes, fails, flex, parse, plex, rows


def plate(**columns):
    signal = {(f"{r}{c:02d}", 1): 100.0 + c for r in "ABCD" for c in range(1, 7)}
    read = columns.pop("read", "09/28/2023\t13:39:33 EDT")
    return methodical.PlateValues("B1", read, signal, 24, **columns)


def npx(*values, **options):
    return olink.write([olink.Value(*one) for one in values], **options)


# below, above and out of range


@pytest.mark.parametrize(
    ("word", "state", "limit"),
    [
        ("OOR <", Censor.LEFT, 0.5),
        ("OOR >", Censor.RIGHT, 900.0),
        ("Value below the lowest standard", Censor.LEFT, 0.5),
        ("Data field has not been set", Censor.MISSING, math.nan),
        ("Unable to calculate", Censor.FAILED, math.nan),
    ],
)
def test_bioplex_concentration_that_is_not_ok_is_a_state_and_never_zero(word, state, limit):
    options = 'limits = { "IL-6" = { low = "0.5 pg/mL", high = "0.9 ng/mL" } }'
    (signal, computed) = rows("bioplex_manager", plex(word), options, ["IL-6"])
    assert signal.value == 810.5 and signal.observable == "mfi"
    assert computed.censor == state and math.isnan(computed.value)
    bound = computed.limit_high if state == Censor.LEFT else computed.limit_low
    assert bound == limit or math.isnan(bound) and math.isnan(limit)
    assert word.lower() in computed.raw_text.lower()


def test_bioplex_limit_nobody_stated_is_flagged_and_unknown_reasons_are_refused():
    computed = rows("bioplex_manager", plex("OOR <"), "", ["IL-6"])[1]
    assert computed.flags & Flag.LIMIT_UNKNOWN and math.isnan(computed.limit_high)
    error = fails("bioplex_manager", plex("Something else"))
    assert codes(error) == {"unknown_word"} and "something else" in str(error.value)
    options = 'sentinels = { "Something else" = "failed" }'
    assert rows("bioplex_manager", plex("Something else"), options, ["IL-6"])[1].censor == "failed"


def test_bioplex_value_below_the_limit_of_quantification_is_kept_and_flagged():
    options = 'limits = { "IL-6" = { low = "20 pg/mL" } }'
    computed = rows("bioplex_manager", plex(12.5), options, ["IL-6"])[1]
    assert computed.value == 12.5 and computed.flags & Flag.OUT_OF_CALIBRATION


def test_bioplex_without_unit_keeps_the_fluorescence_only():
    parsed, records = parse("bioplex_manager", plex(unit=""), "", ["IL-6"])
    assert [one.observable for one in records.measurements] == ["mfi"]
    assert [one.code for one in records.messages] == ["unit_missing"]
    assert [one.name for one in records.unparsed] == ["MWObsConc IL-6"]
    computed = rows("bioplex_manager", plex(unit=""), 'units = { MWObsConc = "ng/mL" }', ["IL-6"])
    assert computed[1].value == 12500.0 and computed[1].raw_unit == "ng/mL"
    assert codes(fails("bioplex_manager", plex(unit="Bead"))) == {"meaningless_unit"}
    assert codes(fails("bioplex_manager", plex(unit="pg/mlx"))) == {"unknown_unit"}


def test_bioplex_outliers_codes_and_dilution():
    one = rows("bioplex_manager", plex(outlier="Manual", code="1", dilution=4.0), "", ["IL-6"])[0]
    assert one.excluded and one.flags & Flag.LOW_COUNT and one.dilution == 4.0
    error = fails("bioplex_manager", plex(dilution=4.0), "dilution = 2")
    assert codes(error) == {"dilution_conflict"}
    invalid = plex().replace(b'Valid="true"', b'Valid="false"')
    one = rows("bioplex_manager", invalid, "", ["IL-6"])[0]
    assert one.censor == Censor.FAILED and math.isnan(one.value)


def test_npx_below_the_limit_of_detection_is_left_censored_there():
    below, at, none = rows(
        "olink", npx(("a", "O1", "IL-6", 0.15, 0.2), ("b", "O1", "IL-6", 0.2, 0.2),
                     ("c", "O1", "IL-6", -3.5)), "", ["IL-6"],
    )  # fmt: skip
    assert (below.censor, below.limit_high) == (Censor.LEFT, 0.2) and math.isnan(below.value)
    assert below.raw_text == "0.15 (LOD 0.2)" and not below.flags & Flag.LIMIT_UNKNOWN
    assert (at.censor, at.value) == (Censor.NONE, 0.2)
    assert (none.censor, none.value) == (Censor.NONE, -3.5)  # no limit stated: the value stands


def test_npx_quality_control():
    made = [
        olink.Value("a", "O1", "IL-6", 1.0, sample_qc="WARN"),
        olink.Value("b", "O1", "IL-6", 1.0, assay_qc="EXCLUDED"),
        olink.Value("c", "O1", "IL-6", math.nan, sample_qc="FAIL"),
        olink.Value("d", "O1", "IL-6", 1.0, sample_type="NEGATIVE_CONTROL"),
    ]
    warned, excluded, absent = rows("olink", olink.write(made), "", ["IL-6"])
    assert warned.value == 1.0 and warned.flags & Flag.VENDOR_WARNING
    assert excluded.censor == Censor.FAILED and excluded.raw_text.startswith("1.0")
    assert absent.censor == Censor.MISSING and absent.flags & Flag.VENDOR_WARNING
    made[0] = olink.Value("a", "O1", "IL-6", 1.0, sample_qc="PERHAPS")
    assert codes(fails("olink", olink.write(made))) == {"unknown_word"}


def test_npx_is_never_a_concentration_and_keeps_its_normalization():
    (one,) = rows("olink", npx(("a", "O1", "IL-6", 2.5)), "", ["IL-6"])
    assert (one.observable, one.unit) == ("npx", "NPX")
    assert one.note == "normalization Plate control"
    assert one.method == "Olink PEA Inflammation"  # the same assay of two panels is two methods


def test_olink_assay_of_two_panels_is_told_apart_by_its_identifier():
    content = npx(("a", "O1", "IL6", 1.0), ("a", "O2", "IL6", 2.0))
    options = 'analytes = { O1 = "IL-6", O2 = "IL-6b" }'
    assert [one.analyte for one in rows("olink", content, options)] == ["IL-6", "IL-6b"]


@pytest.mark.parametrize("word", ["NaN", "N/A", "", "inf", "1.#QNAN"])
def test_a_word_in_a_number_cell_is_missing_and_never_zero(word):
    content = flex(1).replace(b"100.5", word.encode())
    found = {one.observable: one for one in rows("luminex_intelliflex", content, "", ["R25"])}
    assert found["mfi"].censor == Censor.MISSING and math.isnan(found["mfi"].value)
    assert found["net_mfi"].value == 90.5


def test_intelliflex_dry_well_is_flagged():
    none = {"R25": math.nan}
    well = intelliflex.WellValues("A1", "S", none, none, {"R25": 0}, status="Dry")
    found = rows("luminex_intelliflex", intelliflex.write("P", START, [well]), "", ["R25"])
    assert {one.censor for one in found} == {Censor.MISSING}
    assert all(one.flags & Flag.VENDOR_WARNING for one in found)


def test_overflow_and_limits_of_signals():
    for word, state in (("OVRFLW", Censor.RIGHT), ("<50", Censor.LEFT), ("#Sat", Censor.RIGHT)):
        content = flex(1).replace(b"100.5", word.encode())
        (one,) = [m for m in rows("luminex_intelliflex", content, "", ["R25"])
                  if m.observable == "mfi"]  # fmt: skip
        assert one.censor == state and math.isnan(one.value)
    assert codes(fails("luminex_intelliflex", flex(1).replace(b"100.5", b"ND"), "", ["R25"])) == {
        "ambiguous_sentinel"
    }


# dates and zones


@pytest.mark.parametrize(
    ("name", "content", "targets"),
    [
        ("luminex_intelliflex", flex(start="3/4/2024 12:12"), ["R25"]),
        ("msd_methodical_mind", methodical.write([plate(read="03/04/2024\t13:39:33")]),
         ["Spot 1"]),
    ],
)  # fmt: skip
def test_ambiguous_date_is_refused_unless_declared(name, content, targets):
    assert codes(fails(name, content, "", targets)) == {"ambiguous_date"}
    for order, day in (("DMY", "2024-04-03"), ("MDY", "2024-03-04")):
        options = f'date_order = "{order}"\ntimezone = "America/New_York"'
        one = rows(name, content, options, targets)[0]
        assert one.timestamp_utc.startswith(day)
        assert one.time_quality == TimeQuality.DECLARED_ZONE


def test_time_without_zone_is_not_called_utc():
    one = rows("luminex_intelliflex", flex(), "", ["R25"])[0]
    assert one.timestamp_text == START and one.timestamp_utc == ""
    assert one.time_quality == TimeQuality.LOCAL_UNKNOWN
    one = rows("olink", npx(("a", "O1", "IL-6", 2.5)), "", ["IL-6"])[0]
    assert (one.timestamp_text, one.time_quality) == ("", TimeQuality.ABSENT)


def test_files_name_with_another_date_than_the_key_is_refused():
    named = plate(read="09/08/2023\t13:39:33 EDT", filename="x_2023-10-08-133933.txt")
    error = fails("msd_methodical_mind", methodical.write([named]), "", ["Spot 1"])
    assert codes(error) == {"mixed_dates"}


# cut, doubled, padded and mixed tables


def test_methodical_mind_cut_at_sixty_percent_is_no_short_plate():
    content = methodical.write([plate()])
    data = content.index(b"\nA ")
    cut = content[: data + int(0.6 * (content.index(b"=Processing") - data))]
    error = fails("msd_methodical_mind", cut, "", ["Spot 1"])
    assert codes(error) == {"cut_file"}
    two = methodical.write([plate(), plate()])
    second = two.index(b"Barcode1", two.index(b"Waveform"))
    with pytest.raises(ChipDataError):
        parse("msd_methodical_mind", two[: second + 400], "", ["Spot 1"])
    options = 'on_bad_row = "keep_flagged"'
    parsed, records = parse("msd_methodical_mind", two[: second + 400], options, ["Spot 1"])
    assert len(records.measurements) == 24
    assert all(one.flags & Flag.PARTIAL_SOURCE for one in records.measurements)
    assert any(one.level == "error" for one in parsed.messages)


def test_methodical_mind_row_without_its_spots_is_found():
    signal = {(f"{r}{c:02d}", s): 1.5 * s for r in "ABCD" for c in range(1, 7) for s in (1, 2, 3)}
    made = methodical.PlateValues("B", "09/28/2023\t1:00:00", signal, 24)
    lines = methodical.write([made], newline="\n").split(b"\n")
    row = next(i for i, line in enumerate(lines) if line.startswith(b"C "))
    del lines[row + 2]
    error = fails("msd_methodical_mind", b"\n".join(lines), "", ["Spot 1"])
    assert codes(error) == {"cut_file"} and "row C" in str(error.value)


def test_methodical_mind_unused_spots_are_left_out():
    signal = {(f"{r}{c:02d}", s): None if s == 2 else 7.0 + s
              for r in "ABCD" for c in range(1, 7) for s in (1, 2, 3)}  # fmt: skip
    made = methodical.PlateValues("B", "09/28/2023\t1:00:00", signal, 24)
    found = rows("msd_methodical_mind", methodical.write([made]), "", ["Spot 1", "Spot 3"])
    assert {one.analyte: one.value for one in found} == {"Spot 1": 8.0, "Spot 3": 10.0}
    assert len(found) == 48


def test_methodical_mind_one_spot_in_each_table():
    first, second = (plate(), plate(read="09/28/2023\t13:40:33 EDT"))
    content = methodical.write([first, second])
    parts = content.split(b"Det Param")
    content = b"SpotID   :\t1\r\nDet Param".join(parts[:2])
    content += b"SpotID   :\t8\r\nDet Param" + parts[2]
    found = rows("msd_methodical_mind", content, "", ["Spot 1", "Spot 8"])
    assert [one.analyte for one in found] == ["Spot 1"] * 24 + ["Spot 8"] * 24


def test_several_plates_and_a_map_of_wells_do_not_go_together():
    content = methodical.write([plate(), methodical.PlateValues(
        "B2", "09/28/2023\t14:39:33 EDT", plate().signal, 24)])  # fmt: skip
    options = 'unmapped = "skip"\nwell_map = { A1 = { chip = "C" } }'
    error = fails("msd_methodical_mind", content, options, ["Spot 1"], chip=False)
    assert codes(error) == {"several_plates"}
    found = rows("msd_methodical_mind", content, "", ["Spot 1"])
    assert {one.plate_id for one in found} == {"B1", "B2"} and len(found) == 48


def test_cut_row_is_named_and_the_rest_kept_only_on_demand():
    content = flex(3)[:-12]
    error = fails("luminex_intelliflex", content, "", ["R25"])
    assert codes(error) == {"cut_row"} and "line 4" in str(error.value)
    found = rows("luminex_intelliflex", content, 'on_bad_row = "keep_flagged"', ["R25"])
    assert len(found) == 4 and all(one.flags & Flag.PARTIAL_SOURCE for one in found)


def test_number_cut_at_the_end_of_the_file_is_flagged():
    content = flex(2)
    *_, last = content.rstrip().rpartition(b",")
    whole = rows("luminex_intelliflex", content, "expected = { rows = 2 }", ["R25"])
    assert not any(one.flags for one in whole)
    cut = rows("luminex_intelliflex", content[: -len(last)], "expected = { rows = 2 }", ["R25"])
    assert [bool(one.flags & Flag.UNVERIFIED_END) for one in cut] == [False, False, True, True]


def test_declared_number_of_rows_finds_a_missing_one():
    lines = npx(("a", "O1", "IL-6", 1.0), ("b", "O1", "IL-6", 2.0)).splitlines(keepends=True)
    error = fails("olink", b"".join(lines[:-1]), "expected = { rows = 2 }")
    assert codes(error) == {"cut_file"}


def test_mixed_decimal_signs_name_both_lines():
    content = npx(("a", "O1", "IL-6", 0.25), ("b", "O1", "IL-6", 0.125))
    error = fails("olink", content.replace(b"0.125", b"0,125"))
    assert codes(error) == {"mixed_decimal"} and "lines 2 and 3" in str(error.value)


def test_excel_padding_changes_nothing():
    content = flex(2)
    padded = content.replace(b"\r\n", b",,,\r\n") + b",,,,,,\r\n"
    assert [one.value for one in rows("luminex_intelliflex", padded, "", ["R25"])] == [
        one.value for one in rows("luminex_intelliflex", content, "", ["R25"])
    ]


def test_unknown_column_is_listed_and_left_out():
    content = npx(("a", "O1", "IL-6", 1.5)).replace(b"ExploreVersion", b"Mystery")
    parsed, records = parse("olink", content, "", ["IL-6"])
    assert [one.name for one in parsed.unparsed if "unknown" in one.reason] == ["Mystery"]
    assert [one.code for one in parsed.messages] == ["unknown_column"]
    assert records.measurements[0].value == 1.5


@pytest.mark.parametrize("title", ["SampleID", "OlinkID", "NPX"])
def test_missing_column_is_the_wrong_format(title):
    content = npx(("a", "O1", "IL-6", 1.5)).replace(title.encode(), b"Other", 1)
    assert codes(fails("olink", content)) == {"wrong_format"}


def test_titles_without_rows_are_an_empty_plate_with_a_warning():
    for name, content in (("olink", npx()), ("luminex_intelliflex", flex(1))):
        head = content.split(b"\r\n")[0] + b"\r\n"
        parsed, records = parse(name, head, "", ["R25"])
        assert records.measurements == ()
        assert "no_rows" in [one.code for one in parsed.messages]


def test_undeclared_analytes_are_listed_at_once():
    content = npx(("a", "O1", "IL-6", 1.0), ("a", "O2", "IL-8", 1.0), ("a", "O3", "TNF", 1.0))
    error = fails("olink", content, "", ["IL-6"])
    assert codes(error) == {"undeclared_target"} and len(error.value.errors) == 2
    assert "'IL-8'" in str(error.value) and "'TNF'" in str(error.value)
