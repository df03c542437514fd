"""Bad inputs and words of quantitative PCR: what must happen."""

import io
import math
import zipfile

import pytest

from skinmech_chip_adapters import Censor, Flag, TimeQuality
from skinmech_chip_adapters.instruments.biomark import writer as biomark
from skinmech_chip_adapters.instruments.cfx_maestro import writer as cfx
from skinmech_chip_adapters.instruments.quantstudio import writer as quantstudio
from skinmech_chip_adapters.instruments.rdml import writer as rdml
from tests.chip_adapters.multiplex.support import codes, fails, parse, rows

NAN = math.nan


def run(*cts, **options):
    made = [quantstudio.Reaction(f"A{i}", f"S{i}", "IL6", ct) for i, ct in enumerate(cts, 1)]
    return quantstudio.write(made, **options)


def plate(*cqs, **options):
    made = [cfx.Reaction(f"A{i:02d}", "FAM", "IL6", f"S{i}", cq) for i, cq in enumerate(cqs, 1)]
    return cfx.write(made, **options)


def array(*cts, **options):
    made = [biomark.Chamber(i, 1, f"S{i}", "IL6", ct) for i, ct in enumerate(cts, 1)]
    return biomark.write(made, **options)


def xml(*cqs, **options):
    made = [rdml.Reaction(f"A{i}", f"S{i}", "IL6", cq) for i, cq in enumerate(cqs, 1)]
    return rdml.write(made, **{"packed": "", **options})


def state(one):
    return one.censor, one.limit_low, bool(one.flags & Flag.LIMIT_UNKNOWN)


# no amplification


def test_undetermined_is_right_censored_at_the_last_cycle_of_the_curves():
    value, nothing = rows("quantstudio", run(30.155, NAN, cycles=45), "", ["IL6"])
    assert value.value == 30.155
    assert state(nothing) == (Censor.RIGHT, 45.0, False) and math.isnan(nothing.value)
    assert nothing.raw_text == "Undetermined"


def test_last_cycle_is_declared_or_unknown_but_never_guessed():
    for name, content in (
        ("quantstudio", run(30.155, NAN, cycles=0)),
        ("cfx_maestro", plate(30.155, NAN)),
        ("cfx_maestro", plate(30.155, NAN, absent="N/A")),
    ):
        one = rows(name, content, "", ["IL6"])[1]
        assert one.censor == Censor.RIGHT and one.flags & Flag.LIMIT_UNKNOWN
        assert math.isnan(one.limit_low) and math.isnan(one.value)
        assert state(rows(name, content, "cycles = 50", ["IL6"])[1]) == (Censor.RIGHT, 50.0, False)
        limits = 'limits = { IL6 = { high = "45 Cq" } }'
        assert state(rows(name, content, limits, ["IL6"])[1]) == (Censor.RIGHT, 45.0, False)


def test_cfx_mean_of_zero_is_no_value():
    content = plate(NAN, absent="N/A")
    assert b"N/A,0.00" in content
    (one,) = rows("cfx_maestro", content, "cycles = 40", ["IL6"])
    assert one.censor == Censor.RIGHT and math.isnan(one.value) and one.raw_text == "N/A"


@pytest.mark.parametrize(
    ("name", "content"),
    [("cfx_maestro", plate(21.5)), ("quantstudio", run(21.5, cycles=0)), ("biomark", array(21.5))],
)
def test_zero_and_negative_numbers_are_no_cycles(name, content):
    for text in (b"0", b"0.00", b"-1"):
        (one,) = rows(name, content.replace(b"21.5", text), "", ["IL6"])
        assert one.censor == Censor.FAILED and math.isnan(one.value)


def test_number_of_the_last_cycle_means_no_amplification():
    for name, content in (("cfx_maestro", plate(40.0)), ("quantstudio", run(40.0, cycles=0))):
        (one,) = rows(name, content, "cycles = 40", ["IL6"])
        assert state(one) == (Censor.RIGHT, 40.0, False)
        error = fails(name, content, "cycles = 35")
        assert codes(error) == {"cycles_conflict"} and "line" in str(error.value)


@pytest.mark.parametrize("stated", ['"40"', "0", "4.5", "true", "1000"])
def test_cycles_is_a_whole_number(stated):
    assert codes(fails("cfx_maestro", plate(21.5), f"cycles = {stated}")) == {"sidecar_value"}


def test_declared_cycles_must_agree_with_the_curves():
    assert codes(fails("quantstudio", run(30.5, cycles=45), "cycles = 40")) == {"cycles_conflict"}
    assert codes(fails("rdml", xml(30.5, cycles=45), "cycles = 40")) == {"cycles_conflict"}


def test_biomark_sentinel_is_failed_unless_declared_otherwise():
    value, nothing = rows("biomark", array(21.5, NAN), "", ["IL6"])
    assert value.value == 21.5
    assert nothing.censor == Censor.FAILED and math.isnan(nothing.value)
    assert nothing.raw_text == "999"
    options = 'cycles = 40\nsentinels = { "999" = "right" }'
    assert state(rows("biomark", array(21.5, NAN), options, ["IL6"])[1]) == (
        Censor.RIGHT,
        40.0,
        False,
    )


def test_biomark_failed_call_is_failed_whatever_its_value():
    made = [biomark.Chamber(1, 1, "S", "IL6", 21.5, passed=False)]
    (one,) = rows("biomark", biomark.write(made), "", ["IL6"])
    assert one.censor == Censor.FAILED and one.raw_text == "21.5 (Fail)"
    error = fails("biomark", biomark.write(made).replace(b"Fail", b"Perhaps"))
    assert codes(error) == {"unknown_word"}


@pytest.mark.parametrize("absent", ["-1.0", "-1", "NaN"])
def test_rdml_without_a_curve_is_missing_and_with_one_right_censored(absent):
    assert rows("rdml", xml(NAN, absent=absent, cycles=0), "", ["IL6"])[0].censor == "missing"
    one = rows("rdml", xml(NAN, absent=absent, cycles=38), "", ["IL6"])[0]
    assert state(one) == (Censor.RIGHT, 38.0, False)
    one = rows("rdml", xml(NAN, absent=absent, cycles=0), "cycles = 40", ["IL6"])[0]
    assert state(one) == (Censor.RIGHT, 40.0, False)


def test_rdml_shortened_curve_does_not_hide_a_later_cycle():
    assert rows("rdml", xml(30.5, cycles=3), "", ["IL6"])[0].value == 30.5


@pytest.mark.parametrize("word", ["NaN", "N/A", "---", "inf", "1.#INF", ""])
def test_quantstudio_word_is_a_state_and_never_zero(word):
    content = run(30.155, 21.5, cycles=0).replace(b"30.155", word.encode())
    one, other = rows("quantstudio", content, "", ["IL6"])
    assert one.censor == Censor.MISSING and math.isnan(one.value) and other.value == 21.5


# excluded, controls, names


def test_omitted_and_excluded_reactions_are_kept_and_marked():
    made = [quantstudio.Reaction("A1", "S", "IL6", 30.5, omit=True)]
    (one,) = rows("quantstudio", quantstudio.write(made), "", ["IL6"])
    assert one.excluded and one.value == 30.5 and "omitted" in one.note
    made = [rdml.Reaction("A1", "S", "IL6", 30.5, excluded="bubble")]
    (one,) = rows("rdml", rdml.write(made), "", ["IL6"])
    assert one.excluded and one.value == 30.5 and "bubble" in one.note


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("quantstudio", quantstudio.write(
            [quantstudio.Reaction("A1", "S", "IL6", 20.5, "NTC"),
             quantstudio.Reaction("A2", "S", "IL6", 21.5)])),
        ("cfx_maestro", cfx.write([cfx.Reaction("A01", "FAM", "IL6", "S", 20.5, "Std-1"),
                                   cfx.Reaction("A02", "FAM", "IL6", "S", 21.5, "Unkn-01")])),
        ("rdml", rdml.write([rdml.Reaction("A1", "T", "IL6", 20.5, "ntc"),
                             rdml.Reaction("A2", "S", "IL6", 21.5)])),
    ],
)  # fmt: skip
def test_controls_are_no_samples_unless_the_map_says_so(name, content):
    parsed, records = parse(name, content, "", ["IL6"])
    assert [one.value for one in records.measurements] == [21.5]
    assert [one.code for one in records.messages] == ["controls_skipped"]
    options = 'well_map = { A1 = { chip = "C" }, A2 = { chip = "D" } }'
    found = rows(name, content, options, ["IL6"], chip=False)
    assert [(one.chip_id, one.value) for one in found] == [("C", 20.5), ("D", 21.5)]


def test_reaction_without_a_target_is_named_by_its_dye():
    content = cfx.write([cfx.Reaction("A01", "FAM", "", "S", 20.5)])
    assert rows("cfx_maestro", content, 'analytes = { FAM = "IL6" }')[0].analyte == "IL6"
    content = quantstudio.write([quantstudio.Reaction("A1", "S", "", 20.5)], setup=False)
    assert rows("quantstudio", content, 'analytes = { FAM = "IL6" }')[0].analyte == "IL6"


def test_biomark_map_takes_sample_names_and_inlets():
    options = 'well_map = { S1 = { chip = "C" }, S02 = { chip = "D" } }'
    found = rows("biomark", array(20.5, 21.5), options, ["IL6"], chip=False)
    assert [(one.chip_id, one.well) for one in found] == [("C", "S01-A01"), ("D", "S02-A01")]


def test_quantstudio_cyrillic_title_is_the_cycle():
    content = run(30.155, NAN, ct_title="C\u0442")
    found = rows("quantstudio", content, "", ["IL6"])
    assert [one.censor for one in found] == [Censor.NONE, Censor.RIGHT]


def test_decimal_comma_is_decided_by_the_whole_file():
    content = run(30.155, cycles=0, decimal=",")
    assert b"30,155" in content and b"0,133" in content
    (one,) = rows("quantstudio", content, "", ["IL6"])
    assert one.value == 30.155 and one.note == "threshold 0,133"
    alone = content.replace(b"0,133", b"")  # 30,155 alone may be thirty thousand
    assert codes(fails("quantstudio", alone)) == {"ambiguous_decimal"}
    (one,) = rows("quantstudio", alone, 'decimal = ","', ["IL6"])
    assert one.value == 30.155
    mixed = run(30.25, 31.5, cycles=0).replace(b"31.5", b"31,5")
    error = fails("quantstudio", mixed)
    assert codes(error) == {"mixed_decimal"} and "lines" in str(error.value)


# time


def test_file_without_time_is_absent_and_never_an_epoch():
    for name, content in (("cfx_maestro", plate(20.5)), ("biomark", array(20.5))):
        (one,) = rows(name, content, 'timezone = "UTC"', ["IL6"])
        assert (one.timestamp_text, one.timestamp_utc) == ("", "")
        assert one.time_quality == TimeQuality.ABSENT


def test_zone_abbreviation_is_checked_against_the_declared_zone():
    (one,) = rows("quantstudio", run(20.5), "", ["IL6"])
    assert one.time_quality == TimeQuality.LOCAL_UNKNOWN and one.timestamp_utc == ""
    (one,) = rows("quantstudio", run(20.5), 'timezone = "America/New_York"', ["IL6"])
    assert one.timestamp_utc == "2024-10-20T06:23:34+00:00"
    assert one.timestamp_text.endswith("EDT")
    error = fails("quantstudio", run(20.5), 'timezone = "Europe/Berlin"')
    assert codes(error) == {"timezone_conflict"} and "'CEST'" in str(error.value)
    (one,) = rows("quantstudio", run(20.5, end="2024-10-20 02:23:34 AM UTC"), "", ["IL6"])
    assert one.timestamp_utc == "2024-10-20T02:23:34+00:00"
    assert one.time_quality == TimeQuality.FILE_ZONE


# cut and doubled


def test_cfx_cut_inside_a_number_is_an_error_naming_the_row():
    content = plate(20.5, 21.0023336280707)
    cut = content[: content.index(b"21.0023") + 7]
    error = fails("cfx_maestro", cut)
    assert codes(error) == {"cut_row"} and "line 3" in str(error.value)
    found = rows("cfx_maestro", cut, 'on_bad_row = "keep_flagged"', ["IL6"])
    assert [(one.value, bool(one.flags & Flag.PARTIAL_SOURCE)) for one in found] == [(20.5, True)]


def test_quantstudio_reaction_of_the_layout_without_a_result_is_a_cut():
    lines = run(30.5, 31.5).splitlines(keepends=True)
    error = fails("quantstudio", b"".join(lines[:-1]))
    assert codes(error) == {"cut_file"} and "A2" in str(error.value)
    before = run(30.5).partition(b"[Results]")[0]
    assert codes(fails("quantstudio", before)) == {"cut_file"}


def test_quantstudio_end_is_verified_by_the_layout_or_by_what_follows():
    for options, verified in (({}, True), ({"setup": False}, False),
                              ({"setup": False, "footer": True}, True)):  # fmt: skip
        one = rows("quantstudio", run(30.5, 31.5, **options), "", ["IL6"])[-1]
        assert bool(one.flags & Flag.UNVERIFIED_END) != verified


def test_quantstudio_results_below_an_empty_line_are_not_lost_silently():
    lines = run(30.5, 31.5, 32.5, setup=False).splitlines(keepends=True)
    error = fails("quantstudio", b"".join([*lines[:-1], b"\n", lines[-1]]))
    assert codes(error) == {"cut_row"} and "empty line" in str(error.value)


def test_biomark_grid_with_a_missing_chamber_is_cut():
    made = [biomark.Chamber(s, a, "S", f"G{a}", 20.5) for s in (2, 1) for a in (1, 2)]
    lines = biomark.write(made).splitlines(keepends=True)
    error = fails("biomark", b"".join(lines[:-1]), "", ["G1", "G2"])
    assert codes(error) == {"cut_file"} and "3 chambers" in str(error.value)
    without_inlet_1 = b"".join(lines[:-2])
    assert codes(fails("biomark", without_inlet_1, "", ["G1", "G2"])) == {"cut_file"}
    found = rows("biomark", without_inlet_1, 'on_bad_row = "keep_flagged"', ["G1", "G2"])
    assert len(found) == 2 and all(one.flags & Flag.PARTIAL_SOURCE for one in found)
    twice = b"".join([*lines, lines[-1]])
    assert codes(fails("biomark", twice, "", ["G1", "G2"])) == {"duplicate_well"}


def test_biomark_grid_vouches_for_the_end_only_in_the_shape_of_an_array():
    for shape, verified in (((48, 48), True), ((47, 48), False), ((24, 48), False)):
        made = [
            biomark.Chamber(s, a, "S", "IL6", 20.5)
            for s in range(1, shape[0] + 1)
            for a in range(1, shape[1] + 1)
        ]
        found = rows("biomark", biomark.write(made), "", ["IL6"])
        assert len(found) == shape[0] * shape[1]
        assert bool(found[-1].flags & Flag.UNVERIFIED_END) != verified


def test_mapped_wells_vouch_for_the_end_only_with_every_analyte():
    content = plate(20.5, 21.5)
    wells = 'well_map = { A1 = { chip = "C" }, A2 = { chip = "D" } }'
    one = rows("cfx_maestro", content, wells, ["IL6"], chip=False)[-1]
    assert one.flags & Flag.UNVERIFIED_END
    one = rows("cfx_maestro", content, wells + '\nanalytes = ["IL6"]', (), chip=False)[-1]
    assert not one.flags & Flag.UNVERIFIED_END
    lines = content.splitlines(keepends=True)
    error = fails("cfx_maestro", b"".join(lines[:-1]), wells, chip=False)
    assert codes(error) == {"well_not_in_file"} and "A02" in str(error.value)


def test_titles_without_rows_are_an_empty_run_with_a_warning():
    for name, content, lines in (("cfx_maestro", plate(20.5), 1), ("biomark", array(20.5), 8)):
        head = b"".join(content.splitlines(keepends=True)[:lines])
        parsed, records = parse(name, head, "", ["IL6"])
        assert records.measurements == ()
        assert [one.code for one in parsed.messages] == ["no_rows"]
    parsed, records = parse("rdml", b'<rdml version="1.2"></rdml>', "", ["IL6"])
    assert records.measurements == () and parsed.messages[0].code == "no_rows"


def test_lines_about_the_run_may_come_before_the_titles():
    content = plate(20.5, preamble=["File Name,run.pcrd", "Created By User,x", ""])
    assert [one.value for one in rows("cfx_maestro", content, "", ["IL6"])] == [20.5]


def test_missing_column_is_named():
    error = fails("biomark", array(20.5).replace(b",Call,", b",Kall,"))
    assert codes(error) == {"column_missing"} and "'Ct Call'" in str(error.value)
    error = fails("quantstudio", run(20.5, ct_title="Dt"))
    assert codes(error) == {"column_missing"} and "'CT'" in str(error.value)


# archives and XML


def packed(**parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_rdml_is_found_in_the_archive_by_its_content():
    content = packed(**{"readme.txt": b"x", "BioRad_qPCR_melt.xml": xml(20.5)})
    assert [one.value for one in rows("rdml", content, "", ["IL6"])] == [20.5]
    two = packed(**{"a.xml": xml(20.5), "b.xml": xml(21.5)})
    assert codes(fails("rdml", two)) == {"several_files"}
    assert codes(fails("rdml", packed(**{"a.xml": b"<a/>"}))) == {"wrong_format"}


def test_rdml_bomb_and_entities_are_refused():
    bomb = packed(**{"rdml_data.xml": xml(20.5) + b" " * (8 * 2**20)})
    assert codes(fails("rdml", bomb)) == {"archive_too_large"}
    subset = b'?><!DOCTYPE rdml [<!ENTITY a "aaaa">]>'
    assert codes(fails("rdml", xml(20.5).replace(b"?>", subset, 1))) == {"xml_unsafe"}


def test_rdml_runs_are_plates():
    text = xml(20.5, newline="\n").decode()
    start, end = text.index("    <run "), text.index("  </experiment>")
    twice = text[:end] + text[start:end].replace("Run001", "Run002") + text[end:]
    found = rows("rdml", twice.encode(), "", ["IL6"])
    assert [one.plate_id for one in found] == ["Experiment/Run001", "Experiment/Run002"]
    options = 'well_map = { A1 = { chip = "C" } }'
    assert codes(fails("rdml", twice.encode(), options, chip=False)) == {"several_plates"}


def test_rdml_of_a_rotor_has_no_plate_wells():
    text = xml(20.5).replace(b'react id="A1"', b'react id="7"')
    rotor = text.replace(b"<rows>8</rows><columns>12</columns>", b"<rows>1</rows>")
    (one,) = rows("rdml", rotor, "", ["IL6"])
    assert one.well == "7" and one.value == 20.5
    (one,) = rows("rdml", text, "", ["IL6"])
    assert one.well == "A07"  # seventh place of eight rows of twelve


@pytest.mark.parametrize("name", ["quantstudio", "cfx_maestro", "biomark", "rdml"])
@pytest.mark.parametrize(
    "content", [b"\x1f\x8babc", b"\xd0\xcf\x11\xe0abc", b"a;b\n1;2\n", b"<a/>"]
)
def test_other_files_are_the_wrong_format(name, content):
    assert codes(fails(name, content)) == {"wrong_format"}


def test_archive_that_is_no_workbook_is_the_wrong_format():
    content = packed(**{"rdml_data.xml": xml(20.5)})
    assert codes(fails("quantstudio", content)) == {"wrong_format"}
