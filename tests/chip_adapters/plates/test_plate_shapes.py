"""Plates that are smaller, shorter or several, and blocks that are computed or missing."""

import pytest

from skinmech_chip_adapters import Censor, Flag
from skinmech_chip_adapters.discovery import adapters
from skinmech_chip_adapters.instruments.bmg_mars import writer as mars
from skinmech_chip_adapters.instruments.envision import writer as envision
from skinmech_chip_adapters.instruments.gen5 import writer as gen5
from skinmech_chip_adapters.instruments.novabio_flex2 import writer as flex2
from skinmech_chip_adapters.instruments.softmax_pro import writer as softmax
from skinmech_chip_adapters.instruments.tecan import writer as tecan
from skinmech_chip_adapters.plates.grid import columns_of
from tests.chip_adapters.plates._files import records
from tests.chip_adapters.plates._written import A450, KEEP, PLATES, RAW, code_of, plate_of, written

# -- plates that are shorter, smaller, larger, several ---------------------------------------------


@pytest.mark.parametrize("columns", (3, 4, 6, 8, 12, 24))
@pytest.mark.parametrize("reader", PLATES)
def test_plates_of_all_sizes_are_read_whole(reader, columns):
    cells = plate_of(columns)
    # Gen5 writes parts of plates, so a small one is only known to be whole by its declared size.
    is_part = reader == "gen5" and columns < 12
    expected = f"expected = {{ wells = {len(cells)} }}" if is_part else ""
    rows = records(reader, written(reader, cells, columns), expected).measurements
    assert {one.well: one.value for one in rows} == cells


def test_a_header_of_columns_is_not_mistaken():
    assert columns_of(["1", "2", "3"]) == (1, 2, 3)
    assert columns_of(["01", "02", "", ""]) == (1, 2)
    for cells in (["1", "", "3"], ["2", "1"], ["0", "1"], ["1", "2", "x"], [], [""], ["٣"]):
        assert columns_of(cells) == ()
    assert columns_of(list(map(str, range(1, 49)))) == ()  # 1536 wells: no such well names here


def test_a_plate_of_1536_wells_is_refused():
    content = written("bmg_mars", plate_of())
    numbers = ",".join(map(str, range(1, 49)))
    content = content.replace(b",1,2,3,4,5,6,7,8,9,10,11,12,", f",{numbers},".encode())
    assert code_of("bmg_mars", content) in ("cut_file", "cut_row")


def _without_rows(content: bytes, letters: str) -> bytes:
    def is_row(line: bytes) -> bool:
        return line[1:2] in (b",", b"\t") and line[:1].decode() in letters

    return b"\r\n".join(one for one in content.split(b"\r\n") if not is_row(one))


@pytest.mark.parametrize("reader", ("gen5", "bmg_mars", "envision", "tecan"))
@pytest.mark.parametrize("letters", ("H", "GH", "D", "A"))
def test_a_plate_that_lacks_rows_is_refused(reader, letters):
    content = _without_rows(written(reader, plate_of()), letters)
    assert code_of(reader, content) in ("cut_file", "cut_row")
    if letters in ("H", "GH"):
        rows = records(reader, content, KEEP).measurements
        assert len(rows) == 96 - 12 * len(letters)
        assert all(one.flags & (Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE) for one in rows)


def test_a_smaller_plate_is_read_if_its_size_is_declared():
    content = _without_rows(written("bmg_mars", plate_of()), "EFGH")
    found = records("bmg_mars", content, "expected = { wells = 48 }").measurements
    assert len(found) == 48
    assert code_of("bmg_mars", content, "expected = { wells = 60 }") == "cut_file"


def test_a_map_vouches_for_its_wells_and_misses_the_others():
    content = _without_rows(written("bmg_mars", plate_of()), "EFGH")
    options = 'unmapped = "skip"\n[file.well_map]\nA1 = { chip = "C" }\n%s = { use = "blank" }'
    assert [one.well for one in records("bmg_mars", content, options % "D12").measurements] == [
        "A01"
    ]
    assert code_of("bmg_mars", content, options % "E1") == "well_not_in_file"


@pytest.mark.parametrize("reader", PLATES)
def test_a_mapped_well_without_a_value_is_missing_and_an_unmapped_one_is_no_row(reader):
    cells = {**plate_of(), "A01": None, "A02": None}
    content = written(reader, cells)
    options = 'unmapped = "skip"\n[file.well_map]\nA1 = { chip = "C" }\nB1 = { chip = "C" }'
    rows = records(reader, content, options).measurements
    assert [(one.well, one.censor) for one in rows] == [
        ("A01", Censor.MISSING),
        ("B01", Censor.NONE),
    ]
    found = records(reader, content)
    assert len(found.measurements) == 94
    assert "wells_not_read" in {one.code for one in found.messages}


def test_a_well_read_at_one_wavelength_only_is_missing_at_the_other():
    content = mars.write({RAW: plate_of(), "Raw Data (620)": {**plate_of(), "C03": None}})
    rows = [one for one in records("bmg_mars", content).measurements if one.well == "C03"]
    assert [one.censor for one in rows] == [Censor.NONE, Censor.MISSING]


def test_several_plates_are_numbered_and_a_map_of_wells_needs_to_know_which():
    plates = [{A450: plate_of()}, {A450: plate_of(first=0.5)}]
    content = envision.write(plates)
    rows = records("envision", content).measurements
    assert len(rows) == 192 and {one.plate_id for one in rows} == {"1", "2"}
    mapped = 'unmapped = "skip"\n%s\n[file.well_map]\nA1 = { chip = "C" }'
    assert code_of("envision", content, mapped % "") == "several_plates"
    (row,) = records("envision", content, mapped % 'plates = "2"').measurements
    assert (row.plate_id, row.value) == ("2", 0.5)
    assert code_of("envision", content, mapped % 'plates = "3"') == "plate_not_in_file"
    named = records("envision", content, 'plate = "P7"').measurements
    assert {one.plate_id for one in named} == {"P7/1", "P7/2"}


def test_two_gen5_plates_of_one_name_are_told_apart():
    plates = [gen5.PlateData(results={"450": plate_of(first=one)}) for one in (0.25, 0.5)]
    rows = records("gen5", gen5.write(plates)).measurements
    assert {one.plate_id for one in rows} == {"Plate 1", "Plate 1 #2"} and len(rows) == 192


@pytest.mark.parametrize("reader", ("bmg_mars", "envision", "tecan"))
def test_the_same_row_twice_is_refused(reader):
    content = written(reader, plate_of())
    (row,) = [one for one in content.split(b"\r\n") if one[:1] == b"D" and not one[1:2].isalpha()]
    assert code_of(reader, content.replace(row, row + b"\r\n" + row)) in ("cut_file", "cut_row")


def test_a_lost_tab_in_a_partial_plate_does_not_shift_wells():
    cells = {well: value for well, value in plate_of().items() if well[0] in "CD"}
    cells |= {"C01": None, "C02": None, "C12": None}
    content = written("softmax_pro", cells, encoding="utf-8")
    row = next(line for line in content.split(b"\r\n") if line.startswith(b"\t\t\t\t1."))
    for lost in (row.replace(b"\t\t\t", b"\t\t", 1), row[:-1], row.replace(b"\t1.", b" 1.", 1)):
        assert code_of("softmax_pro", content.replace(row, lost)) == "cut_row"


# -- what is computed, what is unknown -------------------------------------------------------------


def test_computed_and_unknown_blocks_are_listed_and_left_out():
    blocks = {"450": plate_of(), "Max V [450]": plate_of(), "Blank 450": plate_of()}
    found = records("gen5", gen5.write([gen5.PlateData(results=blocks)]))
    assert {one.kind for one in found.measurements} == {"raw", "derived"}
    assert "Max V [450]" in {one.name for one in found.unparsed}
    content = written("bmg_mars", plate_of()) + b"Some other line\r\n"
    parsed = adapters()["bmg_mars"].read(content, _entry())
    assert "Some other line" in {one.name for one in parsed.unparsed}
    assert "unknown_line" in {one.code for one in parsed.messages}


def _entry():
    from tests.chip_adapters.plates._files import sidecar_of

    return sidecar_of().files[0]


def test_softmax_blocks_are_counted():
    plate = softmax.PlateData(points=[(plate_of(),)])
    whole = softmax.write([plate, plate], encoding="utf-8")
    one_lost = whole.replace(b"##BLOCKS= 3", b"##BLOCKS= 4")
    assert code_of("softmax_pro", one_lost) == "cut_file"
    found = records("softmax_pro", softmax.write([plate], footer=False))
    assert all(one.flags & Flag.UNVERIFIED_END for one in found.measurements)


@pytest.mark.parametrize("word", ("TimeFormat", "Spectrum", "Well Scan"))
def test_softmax_layouts_that_are_not_read_say_so(word):
    content = written("softmax_pro", plate_of(), encoding="utf-8")
    old = b"PlateFormat" if word == "TimeFormat" else b"Endpoint"
    assert code_of("softmax_pro", content.replace(old, word.encode())) == "layout_unsupported"


def test_german_softmax_keeps_the_point_in_other_blocks():
    plate = softmax.PlateData(points=[(plate_of(),)])
    content = softmax.write([plate], decimal=",", note="Summary\t1.234\t9.000", encoding="utf-16")
    assert "1,1\tPlateFormat" in content.decode("utf-16")
    assert {
        one.well: one.value for one in records("softmax_pro", content).measurements
    } == plate_of()


def test_spark_wells_that_the_settings_state_must_be_there():
    cells = {well: 0.5 for well in ("C11", "C12", "D11")}
    label = tecan.LabelData(points=[cells])
    content = tecan.write([label])
    stated = content.replace(b"Start Time", b"Part of Plate\t\t\t\tC11-C12;D11\r\nStart Time")
    assert len(records("tecan", stated).measurements) == 3
    more = content.replace(b"Start Time", b"Part of Plate\t\t\t\tC11-C13;D11\r\nStart Time")
    assert code_of("tecan", more) == "cut_file"


def test_kinetic_time_is_part_of_the_method_or_time_on_the_chip():
    cycles = [("0:00:22", 30.0, plate_of()), ("0:04:22", 30.5, plate_of())]
    content = gen5.write([gen5.PlateData(cycles={"600": cycles})])
    rows = records("gen5", content, "expected = { wells = 96 }").measurements
    assert {one.time_s for one in rows} == {86400.0}
    assert {one.method for one in rows} == {
        f"absorbance 600 nm, at {second} s" for second in (22, 262)
    }
    on_chip = records("gen5", content, 'expected = { wells = 96 }\nkinetic = "chip"').measurements
    assert {one.time_s for one in on_chip} == {86422.0, 86662.0}
    assert {one.temperature_degC for one in on_chip} == {30.0, 30.5}
    falling = gen5.write([gen5.PlateData(cycles={"600": cycles[::-1]})])
    assert code_of("gen5", falling) == "time_not_rising"


def test_a_kinetic_run_that_lacks_cycles_or_wavelengths_is_refused():
    cycles = [("0:00:22", 30.0, plate_of()), ("0:04:22", 30.5, plate_of())]
    content = gen5.write([gen5.PlateData(cycles={"600": cycles})])
    assert code_of("gen5", content.replace(b"2 Reads", b"3 Reads")) == "cut_file"
    two = content.replace(b"\tFull Plate", b"\tWavelengths:  600, 700")
    assert code_of("gen5", two) == "cut_file"
    unread = content.replace(b"2 Reads", b"3 Reads") + b"0:08:22\r\n"
    assert len(records("gen5", unread, "expected = { wells = 96 }").measurements) == 192
    plate = softmax.PlateData(times=("00:00:00", "00:01:30"), points=[(plate_of(),), (plate_of(),)])
    short = softmax.write([plate], encoding="utf-8").replace(b"FALSE\t2\t", b"FALSE\t3\t")
    assert code_of("softmax_pro", short) == "cut_file"


def test_envision_without_its_end_is_cut():
    content = written("envision", plate_of())
    for title in (b"Instrument:", b"Basic assay information"):
        cut = content[: content.index(title)]
        assert code_of("envision", cut) == "cut_file"
        rows = records("envision", cut, KEEP).measurements
        assert len(rows) == 96 and all(one.flags & Flag.PARTIAL_SOURCE for one in rows)
    fewer = content.replace(b"Plate 1\r\n", b"Plate 1\r\nPlate 2\r\n")
    assert code_of("envision", fewer) == "cut_file"


def test_flex2_rows_are_counted_if_declared_and_else_marked():
    samples = [flex2.SampleData(sample=f"S{one}", values={"pH": 7.4}) for one in range(3)]
    content = flex2.write(samples)
    assert records("novabio_flex2", content).measurements[-1].flags & Flag.UNVERIFIED_END
    declared = records("novabio_flex2", content, "expected = { rows = 3 }").measurements
    assert not any(one.flags for one in declared)
    assert code_of("novabio_flex2", content, "expected = { rows = 4 }") == "cut_file"
    shifted = content.replace(b",Default,,,", b",Default,, ", 1)
    assert code_of("novabio_flex2", shifted) == "cut_row"


def test_keys_of_the_side_car_are_checked():
    content = written("gen5", plate_of())
    assert code_of("gen5", content, "plates = 7") == "sidecar_value"
    assert code_of("gen5", content, 'kinetic = "maybe"') == "sidecar_value"
    assert code_of("gen5", content, 'analytes = { "460" = "analyte" }') == "analyte_not_in_file"
