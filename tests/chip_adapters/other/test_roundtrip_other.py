"""What is written is read, for JSON, cytometry, images and declared tables."""

import math
from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from skinmech_chip_adapters.instruments.allotrope_asm import writer as asm
from skinmech_chip_adapters.instruments.anndata_h5ad import writer as h5ad
from skinmech_chip_adapters.instruments.fcs import writer as fcs
from skinmech_chip_adapters.instruments.generic_table.writer import write as table
from skinmech_chip_adapters.instruments.ome_tiff import writer as ome
from tests.chip_adapters.oxygen._read import mixed, parsed_and_records, records_of

NEWLINES = ("\r\n", "\n", "\r", "mixed")
SETTINGS = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
numbers = st.floats(allow_nan=False, allow_infinity=False)
nonzero = numbers.filter(lambda value: value != 0 or math.copysign(1, value) > 0)

ASM_STYLES = list(product(("utf-8", "utf-8-sig", "utf-16", "utf-16-be"), NEWLINES, (None, 1, 4)))
ASM_CASES = 42
TABLE_STYLES = [
    one
    for one in product(
        ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1", "mac_roman"),
        NEWLINES, (",", ";", "\t"), (".", ","),
    )
]  # fmt: skip
TABLE_CASES = 12
FCS_STYLES = [
    (version, kind, bits, little, delimiter)
    for version in ("2.0", "3.0", "3.1")
    for kind, bits in (("I", 8), ("I", 16), ("I", 32), ("F", 32), ("D", 64))
    for little in (True, False)
    for delimiter in "/|*\\\x0c"
]
FCS_CASES = 14


def test_there_are_at_least_two_thousand_cases_of_each():
    assert len(ASM_STYLES) * ASM_CASES >= 2000
    assert len(TABLE_STYLES) * TABLE_CASES >= 2000
    assert len(FCS_STYLES) * FCS_CASES >= 2000


@pytest.mark.parametrize("style", ASM_STYLES, ids=repr)
def test_asm_round_trip(style):
    encoding, newline, indent = style

    @settings(SETTINGS, max_examples=ASM_CASES)
    @given(st.lists(nonzero, min_size=1, max_size=4), st.sampled_from(["mAU", "AU", "OD"]))
    def check(values, unit):
        documents = [
            asm.measurement(number, {"absorbance": (value, unit)}, sample="µ")
            for number, value in enumerate(values, 1)
        ]
        plain = "\n" if newline == "mixed" else newline
        content = asm.write(documents, encoding=encoding, newline=plain, indent=indent)
        if newline == "mixed":
            content = mixed(content, encoding)
        parsed, records = parsed_and_records("allotrope_asm", content)
        assert [row.value for row in records.measurements] == values
        assert parsed.encoding == encoding
        assert {row.unit for row in records.measurements} == {"dimensionless"}

    check()


TABLE = """time = "0 s"
adapter = "generic_table"
encoding = "{}"
[file.columns]
"Well µ" = {{ role = "technical_replicate" }}
"TEWL" = {{ observable = "tewl", unit = "g/m2/h" }}
"Rb" = {{ observable = "ecis_rb", unit = "ohm*cm2" }}
"""


@pytest.mark.parametrize("style", TABLE_STYLES, ids=repr)
def test_table_round_trip(style):
    encoding, newline, delimiter, decimal = style
    declared = encoding if encoding in ("cp1252", "latin-1", "mac_roman") else ""
    sidecar = TABLE.format(declared)

    @settings(SETTINGS, max_examples=TABLE_CASES)
    @given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
    def check(pairs):
        # One pair with one digit after the sign tells it, where all others could be thousands.
        pairs = [(0.5, 0.5), *pairs]
        rows = [(f"n{number}", *pair) for number, pair in enumerate(pairs)]
        plain = "\n" if newline == "mixed" else newline
        content = table(("Well µ", "TEWL", "Rb"), rows, delimiter=delimiter, decimal=decimal,
                        newline=plain, encoding=encoding)  # fmt: skip
        if newline == "mixed":
            content = mixed(content, encoding)
        parsed, records = parsed_and_records("generic_table", content, sidecar)
        found = [row.value for row in records.measurements]
        assert found == [value for pair in pairs for value in pair]
        assert (parsed.encoding, parsed.delimiter, parsed.decimal) == (encoding, delimiter, decimal)

    check()


@pytest.mark.parametrize("style", FCS_STYLES, ids=repr)
def test_fcs_round_trip(style):
    pytest.importorskip("flowio")
    version, kind, bits, little, delimiter = style
    options = 'time = "1 h"\nanalytes = { "B/1|x" = "b", "A" = "a" }'
    # Random events are drawn from a seed: lists of them would make the search slow.
    seeds = st.integers(0, 2**32 - 1)

    @settings(SETTINGS, max_examples=FCS_CASES)
    @given(seeds, st.integers(1, 40))
    def check(seed, count):
        generator = np.random.default_rng(seed)
        if kind == "I":
            events = generator.integers(0, 2 ** (bits - 1), size=(count, 2))
        else:
            events = generator.normal(0, 1000, size=(count, 2)).astype(f"f{bits // 8}")
        content = fcs.write(
            events, ("A", "B/1|x"), version=version, kind=kind, bits=bits, little_endian=little,
            delimiter=delimiter, keywords={"$CYT": "made / up"},
        )  # fmt: skip
        parsed, records = parsed_and_records("fcs", content, options, "", 'targets = ["a", "b"]')
        assert {row.analyte: row.value for row in records.measurements} == {
            "a": float(np.median(events[:, 0].astype(float))),
            "b": float(np.median(events[:, 1].astype(float))),
        }
        assert parsed.delimiter == delimiter and parsed.software == "made / up"

    check()


@settings(SETTINGS, max_examples=120)
@given(
    st.sampled_from(["uint8", "uint16"]), st.booleans(), st.integers(1, 3), st.integers(1, 3),
    st.tuples(st.integers(2, 9), st.integers(2, 9)),
    st.sampled_from([None, (0.65, "µm"), (650.0, "nm"), (2.0, "pixel")]),
)  # fmt: skip
def test_image_metadata_round_trip(kind, little, num_c, num_z, size, pixel):
    tifffile = pytest.importorskip("tifffile")
    import io

    planes = np.arange(num_c * num_z * size[0] * size[1]) % 251
    planes = planes.reshape(-1, *size).astype(kind)
    content = ome.write(planes, num_z=num_z, little_endian=little, pixel_size=pixel)
    parsed, records = parsed_and_records("ome_tiff", content)
    (image,), _ = parsed.tables
    assert dict(zip(image.order, image.sizes, strict=True)) == {
        "X": size[1], "Y": size[0], "C": num_c, "Z": num_z, "T": 1,
    }  # fmt: skip
    assert image.kind == kind and image.pixel_size[:2] == (pixel, pixel)
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        stack = np.stack([page.asarray() for page in file.pages])
        np.testing.assert_array_equal(stack, planes)
    (text,) = [one.text for one in records.messages if one.code == "image"]
    expected = {None: "", 0.65: "0.65 um", 650.0: "0.65 um", 2.0: "2 pixel"}
    assert expected[pixel[0] if pixel else None] in text


@settings(SETTINGS, max_examples=60)
@given(st.text("0123456789.", min_size=1, max_size=12), st.integers(1, 40), st.integers(1, 5))
def test_anndata_version_round_trip(version, cells, genes):
    content = h5ad.write(np.zeros((cells, genes)), version=version)
    parsed, _ = parsed_and_records("anndata_h5ad", content)
    assert parsed.tables.version == version and parsed.tables.size == len(content)


def test_nothing_written_here_depends_on_the_day():
    assert records_of("allotrope_asm", asm.write([asm.measurement(1, {"pH": (7.25, "pH")})]))
    assert str(date.today()).encode() not in fcs.example().content
