"""Other formats, archives and XML that multiplex immunoassays must not be mistaken for."""

import gzip

import pytest

from skinmech_chip_adapters.discovery import identify
from skinmech_chip_adapters.instruments.luminex_xponent import writer as xponent
from tests.chip_adapters.multiplex.support import codes, fails, flex, plex, rows


def test_xponent_and_intelliflex_are_never_mistaken_for_each_other():
    wells = [xponent.WellValues("A1", "S", {"IL-6": 1.5}, {"IL-6": 9})]
    one = xponent.write("B", "5/17/2023 6:42:29 PM", wells)
    assert identify(one, "x.csv").name == "luminex_xponent"
    assert identify(flex(), "x.csv").name == "luminex_intelliflex"
    assert codes(fails("luminex_intelliflex", one)) == {"wrong_format"}
    assert codes(fails("luminex_xponent", flex())) == {"wrong_format"}


@pytest.mark.parametrize(
    "name", ["luminex_intelliflex", "msd_methodical_mind", "olink", "bioplex_manager"]
)
@pytest.mark.parametrize(
    "content", [b"PK\x03\x04abc", b"\xd0\xcf\x11\xe0abc", b"\x89HDF\r\n", b"a;b\n1;2\n", b"<a/>"]
)
def test_other_files_are_the_wrong_format(name, content):
    assert codes(fails(name, content)) == {"wrong_format"}


def test_bioplex_packed_or_not_is_the_same_and_a_bomb_is_refused():
    content = plex()
    one = rows("bioplex_manager", gzip.compress(content), "", ["IL-6"])
    assert [(m.observable, m.value) for m in one] == [("mfi", 810.5), ("concentration", 12.5)]
    bomb = gzip.compress(content + b" " * (8 * 2**20), compresslevel=9)
    assert codes(fails("bioplex_manager", bomb)) == {"archive_too_large"}
    assert codes(fails("bioplex_manager", gzip.compress(content)[:-9])) <= {
        "cut_file",
        "archive_damaged",
    }


@pytest.mark.parametrize(
    "subset",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "other.xml">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_bioplex_entities_and_document_types_are_refused(subset):
    content = plex().replace(b"?>", b"?>" + subset.encode(), 1)
    content = content.replace(b"<PlateID>P", b"<PlateID>&b;" if b"&b" in content else b"<PlateID>")
    assert codes(fails("bioplex_manager", content)) == {"xml_unsafe"}


def test_bioplex_stated_encoding_that_is_none_is_refused():
    content = plex().replace(b'encoding="UTF-8"', b'encoding="EBCDIC-37"')
    assert codes(fails("bioplex_manager", content)) == {"unknown_encoding"}


def test_bioplex_reading_without_its_name_is_refused():
    content = plex().replace(
        b"<AnalyteName>IL-6</AnalyteName>\r\n                        <R", b"<R"
    )
    assert codes(fails("bioplex_manager", content)) == {"element_missing"}
    bad = plex().replace(b'<MemberWell RowNo="2"', b'<MemberWell RowNo="99"')
    assert codes(fails("bioplex_manager", bad)) == {"not_a_well"}


def test_region_that_is_two_analytes_is_refused():
    content = flex(2, names={"R25": "IL-6"})
    other = content.replace(b"IL-6", b"TNF", 1)
    assert codes(fails("luminex_intelliflex", other, "", ["IL-6", "TNF"])) == {"analyte_conflict"}


def test_second_reporter_is_another_analyte():
    content = flex(1)
    text = content.replace(b"R25: RP1 MEAN", b"R25: RP2 MEDIAN")
    found = rows("luminex_intelliflex", text, "", ["R25", "R25 RP2"])
    assert {one.analyte for one in found} == {"R25", "R25 RP2"}
