"""Cut and altered files of quantitative PCR: right values with a mark, or an error."""

import math

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.biomark import writer as biomark
from skinmech_chip_adapters.instruments.cfx_maestro import writer as cfx
from skinmech_chip_adapters.instruments.quantstudio import writer as quantstudio
from skinmech_chip_adapters.instruments.rdml import writer as rdml
from tests.chip_adapters.multiplex.support import check_altered, check_cuts, parse, states

KEEP = 'on_bad_row = "keep_flagged"'
CYCLES = (21.25, math.nan, 30.155, 8.0, 25.125)


def _run(**options):
    made = [quantstudio.Reaction(f"A{i}", f"S{i}", "IL6", c) for i, c in enumerate(CYCLES, 1)]
    return quantstudio.write(made, footer=True, **options)


def _plate(**options):
    made = [cfx.Reaction(f"A{i:02d}", "FAM", "IL6", "S", c) for i, c in enumerate(CYCLES, 1)]
    return cfx.write(made, **options)


def _array(**options):
    made = [biomark.Chamber(i, 1, f"S{i}", "IL6", c) for i, c in enumerate(CYCLES, 1)]
    return biomark.write(made, **options)


def _xml(**options):
    made = [rdml.Reaction(f"A{i}", f"S{i}", "IL6", c) for i, c in enumerate(CYCLES, 1)]
    return rdml.write(made, packed="", cycles=40, **options)


FORMATS = {"quantstudio": _run, "cfx_maestro": _plate, "biomark": _array, "rdml": _xml}


@pytest.mark.parametrize("options", ["", KEEP])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", FORMATS)
def test_cut_file_is_never_silently_shorter_or_wrong(name, encoding, options):
    check_cuts(name, FORMATS[name](encoding=encoding), options, ["IL6"])


@pytest.mark.parametrize("name", FORMATS)
def test_altered_bytes_raise_nothing_but_chip_data_errors(name):
    check_altered(name, FORMATS[name](), ["IL6"], seed=13)


def test_cut_and_altered_archive():
    made = [rdml.Reaction("A1", "S", "IL6", 21.25), rdml.Reaction("A2", "S", "IL6", math.nan)]
    content = rdml.write(made, cycles=40)
    whole = states(parse("rdml", content, "", ["IL6"])[1].measurements)
    for cut in range(1, len(content), 2):
        with pytest.raises(ChipDataError):
            parse("rdml", content[:cut], "", ["IL6"])
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= 0x5A
        try:
            found = parse("rdml", bytes(damaged), "", ["IL6"])[1].measurements
        except ChipDataError:
            continue
        assert states(found) == whole  # a date or a name, which are not part of the values
