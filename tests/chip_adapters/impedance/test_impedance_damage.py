"""Cut and damaged files: what is intact is read right, with a remark, or the file is refused.

The files are the adapters' own examples without the declared sizes that would give a cut away.
"""

import re

import numpy as np
import pytest

from skinmech_chip_adapters import ChipDataError, Flag, Sidecar
from tests.chip_adapters.impedance.conftest import FORMATS, example_of, parse

REMARKED = Flag.UNVERIFIED_END | Flag.PARTIAL_SOURCE | Flag.BAD_ROW


def _sidecar(name):
    return Sidecar.from_text(re.sub(r"\nexpected = .*", "", example_of(name).sidecar))


def _points(records):
    """Every number of a file by where it belongs, times left out."""
    found = {}
    for index, one in enumerate(records.spectra):
        for point, (f, z) in enumerate(zip(one.frequency_Hz, one.z_ohm, strict=True)):
            found[index, one.well, point] = (float(f), complex(z))
    for row in records.measurements:
        found[row.source_locator, row.observable] = repr((row.value, row.censor))
    return found


def _times(records):
    return [one.time_s for one in (*records.spectra, *records.measurements)]


def _remarked(parsed, records):
    rows = (*records.spectra, *records.measurements)
    messages = (*parsed.messages, *records.messages)
    return (
        any(one.flags & REMARKED or "left out" in one.note for one in rows)
        or any(one.level in ("warning", "error") for one in messages)
    )  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_cut_file_keeps_only_right_values_and_says_so(name):
    content, sidecar = example_of(name).content, _sidecar(name)
    parsed, records = parse(name, content, sidecar)
    whole, size = _points(records), len(content)
    cuts = sorted({*range(1, size, max(1, size // 150)), *range(max(1, size - 120), size)})
    refused, kept = 0, 0
    for cut in cuts:
        try:
            parsed, records = parse(name, content[:cut], sidecar)
        except ChipDataError:
            refused += 1
            continue
        found = _points(records)
        assert found.items() <= whole.items(), cut
        assert found == whole or _remarked(parsed, records), cut
        kept += 1
    assert refused > 10 and kept + refused == len(cuts)


@pytest.mark.parametrize("name", FORMATS)
def test_a_flipped_bit_changes_one_number_or_is_noticed(name):
    content, sidecar = example_of(name).content, _sidecar(name)
    _, records = parse(name, content, sidecar)
    whole, times = _points(records), _times(records)
    generator = np.random.default_rng(20261122)
    refused, read = 0, 0
    for at in generator.choice(len(content), 300, replace=len(content) < 300):
        damaged = bytearray(content)
        damaged[at] ^= 1 << int(generator.integers(0, 7))
        try:
            parsed, records = parse(name, bytes(damaged), sidecar)
        except ChipDataError as error:
            assert all(one.found and one.expected for one in error.errors), str(error)
            refused += 1
            continue
        read += 1
        found = _points(records)
        changed = {key for key in whole.keys() | found.keys() if whole.get(key) != found.get(key)}
        assert len(changed) <= 2 or _remarked(parsed, records), (at, damaged[at - 9 : at + 9])
        later = [a != b for a, b in zip(times, _times(records), strict=False)]
        # The time of one row belongs to all wells of that row.
        assert sum(later) <= 3 or _remarked(parsed, records), (at, damaged[at - 9 : at + 9])
    assert refused > 20 and read > 20


@pytest.mark.parametrize("name", FORMATS)
def test_damage_raises_nothing_but_chip_data_errors(name):
    content, sidecar = example_of(name).content, _sidecar(name)
    generator = np.random.default_rng(7)
    tokens = [
        *(b"\0", b"\xff", b'"', b",", b"\t", b"\r\n", b"1_000", b"1e999", b"9" * 30, b"nan"),
        *(b"-", b"[", b"{", b"}", "٣".encode(), b"\xef\xbb\xbf", b" ", b":", b"E+", b"="),
    ]
    for _ in range(250):
        damaged = bytearray(content)
        for _ in range(int(generator.integers(1, 5))):
            at = int(generator.integers(0, len(damaged)))
            token = tokens[int(generator.integers(len(tokens)))]
            damaged[at : at + int(generator.integers(0, 8))] = token
        try:
            parse(name, bytes(damaged), sidecar)
        except ChipDataError as error:
            assert error.errors and all(one.code for one in error.errors)


@pytest.mark.parametrize("name", FORMATS)
def test_a_lost_or_doubled_line_is_noticed_or_harmless(name):
    """A line that is gone or comes twice never gives a value to another well."""
    content, sidecar = example_of(name).content, _sidecar(name)
    _, records = parse(name, content, sidecar)
    whole = _located(records)
    lines = content.splitlines(keepends=True)
    for at, times in [(at, times) for at in range(len(lines)) for times in (0, 2)]:
        changed = [*lines[:at], *[lines[at]] * times, *lines[at + 1 :]]
        try:
            parsed, records = parse(name, b"".join(changed), sidecar)
        except ChipDataError:
            continue
        found = _located(records)
        assert not found - whole, at
        assert found == whole or _remarked(parsed, records), at


def _located(records):
    """Values with their well and time, whatever line they stand on."""
    found = {
        (one.well, one.time_s, float(f), complex(z))
        for one in records.spectra
        for f, z in zip(one.frequency_Hz, one.z_ohm, strict=True)
    }
    rows = ((one.well, one.time_s, one.observable, one.value) for one in records.measurements)
    return found | {tuple(map(repr, row)) for row in rows}
