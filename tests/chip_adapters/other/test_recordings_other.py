"""Real recordings of cytometry, images and AnnData against what is expected of them."""

import io
import math
import re

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, adapters
from tests.chip_adapters.oxygen._read import codes, parsed_and_records, recording, records_of

FCS = "fcs/B01 KC-A-W---91-US.fcs"
OME = "ome/ome.tiff"
H5AD = "h5ad/adata.h5ad"
NAMED = 'time = "72 h"\nanalytes = { "FL1-A" = "KRT10", "PE-A" = "CD44" }'
STUDY = 'targets = ["KRT10", "CD44"]'


def own_events(content):
    """Events of the recording, read here without the library: 32-bit big-endian integers."""
    first, last = (int(content[at : at + 8]) for at in (26, 34))
    text = content[58:first].decode("latin-1")
    value = {key: re.search(rf"/\${key}/([^/]*)/", text)[1] for key in ("PAR", "TOT", "BYTEORD")}
    assert value["BYTEORD"] == "4,3,2,1"
    events = np.frombuffer(content[first : last + 1], dtype=">u4").reshape(int(value["TOT"]), -1)
    assert events.shape[1] == int(value["PAR"])
    return events, text


def test_fcs_metadata(shared_data):
    pytest.importorskip("flowio")
    content, wanted = recording(shared_data, FCS)
    parsed, records = parsed_and_records("fcs", content, NAMED, "", STUDY)
    (sample,) = parsed.tables
    assert sample.data_set.version == wanted["version"]
    assert sample.data_set.num_events == wanted["events"]
    assert len(sample.channels) == sample.data_set.num_channels == wanted["channels"]
    assert parsed.software == wanted["cyt"]
    assert records.measurements[0].timestamp_text.startswith(wanted["date"])
    assert records.measurements[0].well == "B01"  # $WELLID


def test_fcs_summaries_of_the_library_agree_with_an_own_reading(shared_data):
    pytest.importorskip("flowio")
    content, wanted = recording(shared_data, FCS)
    parsed, records = parsed_and_records("fcs", content, NAMED, "", STUDY)
    events, text = own_events(content)
    assert events.shape == (wanted["events"], wanted["channels"])
    for index, channel in enumerate(parsed.tables[0].channels):
        values = events[:, index].astype(np.float64)
        if channel.name == "Time":
            values = values * float(re.search(r"/\$TIMESTEP/([^/]*)/", text)[1])
        assert channel.median == pytest.approx(float(np.median(values)), rel=1e-15)
        assert channel.mean == pytest.approx(float(np.mean(values)), rel=1e-12)
        assert channel.sd == pytest.approx(float(np.std(values)), rel=1e-12)
        assert channel.num_at_limit == int((events[:, index] >= 2**24 - 1).sum())
    by_analyte = {row.analyte: row for row in records.measurements}
    names = [one.name for one in parsed.tables[0].channels]
    assert by_analyte["KRT10"].value == np.median(events[:, names.index("FL1-A")])
    assert by_analyte["CD44"].value == np.median(events[:, names.index("FL2-A")])  # by its stain
    assert by_analyte["CD44"].n == wanted["events"] and by_analyte["CD44"].unit == "MFI"


def test_fcs_cut_recordings_are_refused(shared_data):
    pytest.importorskip("flowio")
    content, _ = recording(shared_data, FCS)
    for cut in [*range(10, 4500, 300), *range(4500, len(content) - 1, 20_000), len(content) - 1]:
        with pytest.raises(ChipDataError) as caught:
            records_of("fcs", content[:cut], NAMED, "", STUDY)
        assert codes(caught) <= {"cut_file", "fcs_damaged"}, cut


def test_ome_metadata(shared_data):
    tifffile = pytest.importorskip("tifffile")
    content, wanted = recording(shared_data, OME)
    parsed, records = parsed_and_records("ome_tiff", content)
    (image,), elsewhere = parsed.tables
    assert list(image.shape) == wanted["shape"] and not elsewhere
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        assert file.is_ome == wanted["is_ome"]
        assert file.series[0].shape == image.shape and str(file.series[0].dtype) == image.kind
        assert file.ome_metadata == parsed.header
    assert records.measurements == () and "image" in {one.code for one in records.messages}
    # The file states no pixel size, and none is made up.
    assert image.pixel_size == (None, None, None)
    assert "pixel_size_missing" in {one.code for one in records.messages}


def test_ome_cut_recordings_are_refused(shared_data):
    pytest.importorskip("tifffile")
    content, _ = recording(shared_data, OME)
    for cut in range(8, len(content), 37):
        try:
            parsed, _ = parsed_and_records("ome_tiff", content[:cut])
        except ChipDataError as error:
            assert {one.code for one in error.errors} <= {
                *("cut_file", "wrong_format", "xml_damaged", "ome_damaged"),
            }
        else:
            raise AssertionError(f"a file cut at {cut} was accepted: {parsed.tables}")


def test_anndata_is_recognised_and_kept_by_reference(shared_data):
    content, wanted = recording(shared_data, H5AD)
    parsed, records = parsed_and_records("anndata_h5ad", content)
    assert parsed.tables.kind == wanted["encoding_type"]
    assert parsed.tables.version == wanted["encoding_version"]
    assert records.measurements == () and records.series == ()
    (message,) = records.messages
    assert message.code == "values_not_read" and "generic_table" in message.text
    for cut in (8, 40, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(ChipDataError) as caught:
            records_of("anndata_h5ad", content[:cut])
        assert codes(caught) == {"cut_file"}


@pytest.mark.parametrize(
    ("name", "adapter"), [(FCS, "fcs"), (OME, "ome_tiff"), (H5AD, "anndata_h5ad")]
)
def test_damaged_recordings_raise_nothing_but_chip_data_errors(shared_data, name, adapter):
    for package in {"fcs": ["flowio"], "ome_tiff": ["tifffile"]}.get(adapter, []):
        pytest.importorskip(package)
    content, _ = recording(shared_data, name)
    generator = np.random.default_rng(2)
    head = min(len(content), 5000)
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(generator.integers(1, 4)):
            damaged[int(generator.integers(0, head))] = int(generator.integers(0, 256))
        try:
            records_of(adapter, bytes(damaged), 'time = "1 h"')
        except ChipDataError as error:
            assert all(one.code for one in error.errors)


@pytest.mark.parametrize(
    ("name", "adapter"), [(FCS, "fcs"), (OME, "ome_tiff"), (H5AD, "anndata_h5ad")]
)
def test_recordings_are_claimed_by_their_adapter_alone(shared_data, name, adapter):
    content, _ = recording(shared_data, name)
    scores = {other: one.sniff(content, "x").score for other, one in adapters().items()}
    assert [other for other, score in scores.items() if score >= 0.5] == [adapter]
    assert math.isclose(scores[adapter], 0.95)
