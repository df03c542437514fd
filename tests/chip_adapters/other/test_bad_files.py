"""Bad cytometry files, images and AnnData files, and files of other formats."""

import importlib
import sys

import numpy as np
import pytest

from skinmech_chip_adapters import Censor, ChipDataError, adapters
from skinmech_chip_adapters.instruments.fcs import writer as fcs
from skinmech_chip_adapters.instruments.ome_tiff import writer as ome
from tests.chip_adapters.oxygen._read import codes, parsed_and_records, records_of, sidecar_of

OWN = (
    *("presens_sdr", "presens_fibox", "pyroscience", "allotrope_asm", "fcs", "ome_tiff"),
    "anndata_h5ad",
)
EVENTS = np.arange(2, 602, dtype=np.int64).reshape(300, 2)
NAMED = 'time = "1 h"\nanalytes = { "B" = "x" }'
STUDY = 'targets = ["x"]'
PLANES = np.arange(60, dtype=np.uint8).reshape(2, 5, 6)


@pytest.fixture
def fails():
    def run(name, content, *sidecar):
        with pytest.raises(ChipDataError) as caught:
            records_of(name, content, *sidecar)
        return caught

    return run


def read_fcs(content, options=NAMED):
    return records_of("fcs", content, options, "", STUDY)


# FCS


@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_places_that_differ_are_refused_until_one_is_believed(fails, version):
    pytest.importorskip("flowio")
    content = fcs.write(EVENTS, "AB", version=version, header_shift=8)
    error = fails("fcs", content, NAMED, "", STUDY)
    assert codes(error) == {"offset_mismatch"} and "offsets" in str(error.value)
    right = read_fcs(fcs.write(EVENTS, "AB", version=version)).measurements[0].value
    records = read_fcs(content, NAMED + '\noffsets = "text"')
    assert records.measurements[0].value == right
    # Where the header is believed, its end lies beyond the file.
    believed = NAMED + '\noffsets = "header"'
    assert codes(fails("fcs", content, believed, "", STUDY)) == {"cut_file"}
    assert codes(fails("fcs", content, NAMED + '\noffsets = "both"', "", STUDY)) == {
        "sidecar_value"
    }


def test_an_end_one_byte_too_far_needs_the_declaration(fails):
    pytest.importorskip("flowio")
    content = fcs.write(EVENTS, "AB")
    end = len(content) - 1
    wrong = content.replace(f"{end:>8}".encode(), f"{end + 1:>8}".encode(), 1)
    wrong = wrong.replace(f"/{end}/".encode(), f"/{end + 1}/".encode(), 1) + b"0" * 8
    assert codes(fails("fcs", wrong, NAMED, "", STUDY)) == {"offset_mismatch"}
    records = read_fcs(wrong, NAMED + '\noffsets = "text"')
    assert records.measurements[0].value == read_fcs(content).measurements[0].value


def test_a_stated_number_of_events_is_checked(fails):
    """The library itself would return the events it finds."""
    content = fcs.write(EVENTS, "AB").replace(b"/$TOT/300/", b"/$TOT/299/")
    assert codes(fails("fcs", content, NAMED, "", STUDY)) == {"offset_mismatch"}


@pytest.mark.parametrize("key", ["$PAR", "$TOT", "$DATATYPE", "$BYTEORD", "$P2N", "$P1B", "$P2R"])
def test_a_missing_keyword_is_named(fails, key):
    content = fcs.write(EVENTS, "AB").replace(f"/{key}/".encode(), f"/_{key[1:]}/".encode(), 1)
    error = fails("fcs", content, NAMED, "", STUDY)
    assert codes(error) == {"keyword_missing"} and key in str(error.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"/$MODE/L/", b"/$MODE/H/"), (b"/$DATATYPE/I/", b"/$DATATYPE/A/"),
     (b"/1,2,3,4/", b"/3,4,1,2/"), (b"/$P1B/32/", b"/$P1B/24/")],
)  # fmt: skip
def test_what_is_not_a_list_of_plain_numbers_is_refused(fails, old, new):
    content = fcs.write(EVENTS, "AB").replace(old, new, 1)
    assert codes(fails("fcs", content, NAMED, "", STUDY)) == {"unsupported_data"}


def test_every_cut_of_a_cytometry_file_is_refused():
    pytest.importorskip("flowio")
    content = fcs.write(EVENTS, "AB")
    for cut in [*range(3, 600, 7), *range(600, len(content), 111), len(content) - 1]:
        with pytest.raises(ChipDataError) as caught:
            read_fcs(content[:cut])
        assert codes(caught) <= {"cut_file", "wrong_format", "unsupported_version"}, cut


def test_events_at_the_upper_limit_make_the_median_a_limit():
    pytest.importorskip("flowio")
    events = np.full((10, 2), 1023)
    events[:, 0] = 5
    records = read_fcs(fcs.write(events, "AB", ranges=(1024, 1024)))
    (row,) = records.measurements
    assert row.censor == Censor.RIGHT and row.limit_low == 1023.0 and np.isnan(row.value)
    text = " ".join(one.text for one in records.messages)
    assert "10 at the upper limit" in text


def test_events_that_are_no_number_are_counted():
    pytest.importorskip("flowio")
    events = np.array([[1.0, 2.0], [1.0, np.nan], [1.0, 4.0], [1.0, np.inf]])
    (row,) = read_fcs(fcs.write(events, "AB", kind="F")).measurements
    assert row.value == 3.0 and row.n == 2.0 and "2 events not finite" in row.note
    lost = np.full((3, 2), np.nan)
    (row,) = read_fcs(fcs.write(lost, "AB", kind="F")).measurements
    assert row.censor == Censor.FAILED and np.isnan(row.value)


def test_decades_and_gain_are_applied_as_the_standard_says():
    pytest.importorskip("flowio")
    events = np.full((3, 2), 512)
    keys = {"$P1G": "4.0"}
    content = fcs.write(events, "AB", ranges=(1024, 1024), keywords=keys)
    content = content.replace(b"/$P2E/0,0/", b"/$P2E/4,1/")
    parsed, records = parsed_and_records("fcs", content, NAMED, "", STUDY)
    assert parsed.tables[0].channels[0].median == 512 / 4.0
    assert records.measurements[0].value == pytest.approx(10 ** (4 * 512 / 1024), rel=1e-12)


def test_no_event_is_an_empty_record_with_a_warning():
    content = fcs.write(np.zeros((0, 2), dtype=int), "AB")
    parsed, records = parsed_and_records("fcs", content, NAMED, "", STUDY)
    assert records.measurements == () and "no_rows" in {one.code for one in parsed.messages}


def test_several_data_sets_are_all_returned_and_numbered():
    pytest.importorskip("flowio")
    second = fcs.write(EVENTS + 1000, "AB")
    first = fcs.write(EVENTS, "AB")
    place = str(len(first))
    # The keyword gets longer, so the data stay where they are and the padding shrinks.
    head, rest = first.split(b"/$NEXTDATA/0/")
    longer = head + f"/$NEXTDATA/{place}/".encode() + rest.replace(b" " * (len(place) - 1), b"", 1)
    end = int(first[18:26]) + len(place) - 1
    longer = longer[:18] + f"{end:>8}".encode() + longer[26:]
    assert len(longer) == len(first)
    records = records_of("fcs", longer + second, NAMED, "", STUDY)
    assert [row.technical_replicate for row in records.measurements] == ["1", "2"]
    values = [row.value for row in records.measurements]
    assert values[1] - values[0] == 1000.0


def test_a_declared_channel_that_is_absent_is_named(fails):
    pytest.importorskip("flowio")
    error = fails("fcs", fcs.write(EVENTS, "AC"), NAMED, "", STUDY)
    assert codes(error) == {"analyte_not_in_file"} and "'B'" in str(error.value)


def test_a_date_that_is_none_is_remarked_and_never_an_epoch():
    pytest.importorskip("flowio")
    content = fcs.write(EVENTS, "AB", keywords={"$DATE": "yesterday", "$BTIM": "10:00:00"})
    records = read_fcs(content)
    assert records.measurements[0].timestamp_text == ""
    assert "not_a_date" in {one.code for one in records.messages}


@pytest.mark.parametrize(("name", "package"), [("fcs", "flowio"), ("ome_tiff", "tifffile")])
def test_without_the_extra_the_error_says_what_to_install(monkeypatch, fails, name, package):
    content = fcs.write(EVENTS, "AB") if name == "fcs" else ome.write(PLANES)
    monkeypatch.setitem(sys.modules, package, None)
    error = fails(name, content, NAMED, "", STUDY)
    assert codes(error) == {"missing_extra"} and "pip install" in str(error.value)


def test_importing_the_adapters_imports_no_extra():
    import subprocess

    code = (
        "import sys; from skinmech_chip_adapters import adapters; adapters();"
        "assert not {'flowio', 'tifffile', 'anndata'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# images


def test_every_cut_of_an_image_is_refused():
    pytest.importorskip("tifffile")
    content = ome.write(PLANES)
    for cut in [*range(4, len(content), 13), len(content) - 1]:
        with pytest.raises(ChipDataError) as caught:
            records_of("ome_tiff", content[:cut])
        assert codes(caught) <= {"cut_file", "wrong_format", "xml_damaged", "ome_damaged"}, cut


def test_fewer_planes_than_the_xml_states_are_a_cut_file(fails):
    pytest.importorskip("tifffile")
    xml = ome._xml(np.zeros((4, 5, 6), dtype=np.uint8), (), None, 1)
    assert codes(fails("ome_tiff", ome.write(PLANES, xml=xml))) == {"cut_file"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('SizeX="6"', 'SizeX="-6"', "ome_damaged"),
        ('SizeX="6"', 'SizeX="6e3"', "ome_damaged"),
        ('DimensionOrder="XYCZT"', 'DimensionOrder="XYC"', "ome_damaged"),
        ("<Pixels", "<Pixel", "xml_damaged"),
        ("<Image ", "<Picture ", "xml_damaged"),
        ('<?xml version="1.0" encoding="UTF-8"?>', '<!DOCTYPE a [<!ENTITY b "c">]>', "xml_unsafe"),
        ("<OME ", "<HOME ", "wrong_format"),
    ],
)
def test_bad_xml_of_an_image_is_an_error(fails, old, new, code):
    pytest.importorskip("tifffile")
    xml = ome._xml(PLANES, (), None, 1)
    assert old in xml
    assert codes(fails("ome_tiff", ome.write(PLANES, xml=xml.replace(old, new)))) == {code}


def test_planes_in_other_files_are_remarked_and_not_opened(tmp_path, monkeypatch):
    pytest.importorskip("tifffile")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.ome.tif").write_bytes(b"not to be opened")
    xml = ome._xml(np.zeros((4, 5, 6), dtype=np.uint8), (), None, 1)
    xml = xml.replace("<TiffData/>", '<TiffData><UUID FileName="other.ome.tif">u</UUID></TiffData>')
    records = records_of("ome_tiff", ome.write(PLANES, xml=xml))
    assert "planes_elsewhere" in {one.code for one in records.messages}


def test_a_plain_tiff_is_refused(fails):
    pytest.importorskip("tifffile")
    content = ome.write(PLANES, xml="a microscope wrote this")
    assert codes(fails("ome_tiff", content)) == {"wrong_format"}
    assert adapters()["ome_tiff"].sniff(content, "x.tif").score == 0.0


# all


@pytest.mark.parametrize("name", OWN)
def test_files_of_other_formats_are_refused_as_such(name):
    entry = sidecar_of('time = "1 h"').files[0]
    for other in adapters():
        writer = importlib.import_module(f"skinmech_chip_adapters.instruments.{other}.writer")
        if other == name:
            continue
        with pytest.raises(ChipDataError) as caught:
            adapters()[name].read(writer.example().content, entry)
        assert codes(caught) == {"wrong_format"}, other


@pytest.mark.parametrize("name", OWN)
def test_damaged_examples_raise_nothing_but_chip_data_errors(name):
    for package in {"fcs": ["flowio"], "ome_tiff": ["tifffile"]}.get(name, []):
        pytest.importorskip(package)
    writer = importlib.import_module(f"skinmech_chip_adapters.instruments.{name}.writer")
    content = writer.example().content
    generator = np.random.default_rng(4)
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(generator.integers(1, 5)):
            damaged[int(generator.integers(0, len(damaged)))] = int(generator.integers(0, 256))
        try:
            records_of(name, bytes(damaged))
        except ChipDataError as error:
            assert all(one.code for one in error.errors)
