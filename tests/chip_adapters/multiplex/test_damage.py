"""Cut and altered files of multiplex immunoassays: right values with a mark, or an error."""

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.bioplex_manager import writer as bioplex
from skinmech_chip_adapters.instruments.luminex_intelliflex import writer as intelliflex
from skinmech_chip_adapters.instruments.msd_methodical_mind import writer as methodical
from skinmech_chip_adapters.instruments.olink import writer as olink
from tests.chip_adapters.multiplex.support import check_altered, check_cuts, parse, states

KEEP = 'on_bad_row = "keep_flagged"'


def _flex(**options):
    wells = [
        intelliflex.WellValues(f"{'ABCD'[i]}1", "S", {"R25": 100.5 + i, "R27": 7.25},
                               {"R25": 90.5 + i, "R27": 6.25}, {"R25": 40, "R27": 50})
        for i in range(4)
    ]  # fmt: skip
    return intelliflex.write("P", "2026-02-25 04:42:08 PM", wells, **options)


def _plates(**options):
    signal = {
        (f"{r}{c:02d}", s): 100.0 * s + c for r in "ABCD" for c in range(1, 7) for s in (1, 2)
    }
    made = [methodical.PlateValues(name, "09/28/2023\t13:39:33", signal, 24) for name in "XY"]
    return methodical.write(made, **options)


def _npx(**options):
    made = [olink.Value(f"S{i}", f"O{i}", f"A{i}", 1.25 + i, 1.5) for i in range(4)]
    return olink.write(made, **options)


def _plex(**options):
    wells = [bioplex.WellValues(f"{r}1", "X", {"A1": 10.5, "A2": 1.5}, {"A1": 2.25}) for r in "ABC"]
    return bioplex.write("P", wells, unit="pg/mL", **options)


def _parquet():
    pytest.importorskip("pyarrow")
    return olink.write_parquet([olink.Value(f"S{i}", "O1", "A1", 1.25 + i) for i in range(50)])


FORMATS = {
    "luminex_intelliflex": (_flex, ("R25", "R27")),
    "msd_methodical_mind": (_plates, ("Spot 1", "Spot 2")),
    "olink": (_npx, ("A0", "A1", "A2", "A3")),
    "bioplex_manager": (_plex, ("A1", "A2")),
}


@pytest.mark.parametrize("options", ["", KEEP])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", FORMATS)
def test_cut_file_is_never_silently_shorter_or_wrong(name, encoding, options):
    make, targets = FORMATS[name]
    check_cuts(name, make(encoding=encoding), options, targets)


@pytest.mark.parametrize("name", FORMATS)
def test_altered_bytes_raise_nothing_but_chip_data_errors(name):
    make, targets = FORMATS[name]
    check_altered(name, make(), targets, seed=11)


def test_cut_and_altered_archives():
    content = _plex(packed=True)
    whole = states(parse("bioplex_manager", content, "", ("A1", "A2"))[1].measurements)
    for cut in range(1, len(content)):
        with pytest.raises(ChipDataError):
            parse("bioplex_manager", content[:cut], "", ("A1", "A2"))
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 0x5A
        try:
            found = parse("bioplex_manager", bytes(damaged), "", ("A1", "A2"))[1].measurements
        except ChipDataError:
            continue
        assert states(found) == whole  # a byte of the gzip header that says nothing


def test_cut_and_altered_parquet():
    content = _parquet()
    whole = states(parse("olink", content, "", ("A1",))[1].measurements)
    for cut in range(5, len(content), 7):
        with pytest.raises(ChipDataError):
            parse("olink", content[:cut], "", ("A1",))
    generator = np.random.default_rng(3)
    same = 0
    for _ in range(400):
        damaged = bytearray(content)
        damaged[int(generator.integers(4, len(content)))] ^= int(generator.integers(1, 256))
        try:
            found = parse("olink", bytes(damaged), "", ("A1",))[1].measurements
        except ChipDataError:
            continue
        same += states(found) == whole
    assert same > 50  # bytes of the footer that say nothing about the values
