"""Cut and altered files of quantitative PCR: right values with a mark, or an error."""

import math

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.biomark import writer as biomark
from skinmech_chip_adapters.instruments.cfx_maestro import writer as cfx
from skinmech_chip_adapters.instruments.quantstudio import writer as quantstudio
from skinmech_chip_adapters.instruments.rdml import writer as rdml
from tests.chip_adapters.multiplex.support import is_marked, parse, states

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
    content = FORMATS[name](encoding=encoding)
    whole = states(parse(name, content, options, ["IL6"])[1].measurements)
    refused = 0
    size = len(content)
    for cut in sorted({*range(1, size, max(1, size // 80)), *range(size - 100, size)}):
        try:
            parsed, records = parse(name, content[:cut], options, ["IL6"])
        except ChipDataError as error:
            assert error.errors
            refused += 1
            continue
        found = records.measurements
        assert states(found) == whole or is_marked(parsed, found), cut
        sure = states([one for one in found if not one.flags])
        assert sure.items() <= whole.items(), cut
        if options:  # rows that are marked as part of a cut file are right as well
            partial = states([one for one in found if one.flags == 2])
            assert partial.items() <= whole.items(), cut
    assert refused > 5


@pytest.mark.parametrize("name", FORMATS)
def test_altered_bytes_raise_nothing_but_chip_data_errors(name):
    generator = np.random.default_rng(13)
    content = np.frombuffer(FORMATS[name](), dtype=np.uint8)
    errors = 0
    for _ in range(250):
        damaged = content.copy()
        at = generator.integers(0, len(content), generator.integers(1, 4))
        damaged[at] ^= generator.integers(1, 256, len(at)).astype(np.uint8)
        try:
            parse(name, damaged.tobytes(), "", ["IL6"])
        except ChipDataError as error:
            assert all(one.code for one in error.errors)
            errors += 1
    assert errors > 30


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
