"""What is written is read: the same numbers under every encoding, line end and decimal sign."""

from datetime import datetime
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from skinmech_chip_adapters.instruments.presens_fibox import writer as fibox
from skinmech_chip_adapters.instruments.presens_sdr import writer as sdr
from skinmech_chip_adapters.instruments.pyroscience import writer as pyro
from tests.chip_adapters.oxygen._read import (
    DECIMALS,
    ENCODINGS,
    NEWLINES,
    mixed,
    parsed_and_records,
)

COMBINATIONS = list(product(ENCODINGS, NEWLINES, DECIMALS))  # 56 of each format
PER_COMBINATION = 14
START = datetime(2026, 3, 17, 9, 30)
numbers = st.floats(allow_nan=False, allow_infinity=False)
columns = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4)
fast = settings(
    max_examples=PER_COMBINATION, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def test_there_are_at_least_two_thousand_cases_of_the_three_formats():
    assert 3 * len(COMBINATIONS) * PER_COMBINATION >= 2000


def _style(encoding, newline, decimal):
    plain = "\n" if newline == "mixed" else newline
    return {"encoding": encoding, "newline": plain, "decimal": decimal}


def _bytes(content, encoding, newline):
    return mixed(content, encoding) if newline == "mixed" else content


def _check(name, content, combination, *expected):
    encoding, newline, decimal = combination
    parsed, records = parsed_and_records(name, content)
    assert parsed.decimal == decimal
    assert parsed.newline == {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}.get(newline, "mixed")
    told = {"cp1252": "latin-1"}.get(encoding, encoding)  # the same bytes in these files
    told = "utf-8" if content.isascii() and b"\0" not in content else told
    assert parsed.encoding == told
    assert len(records.series) == len(expected)
    for series, values in zip(records.series, expected, strict=True):
        np.testing.assert_array_equal(series.value, np.array(values))
    return records


@pytest.mark.parametrize("combination", COMBINATIONS, ids=repr)
def test_sdr_round_trip(combination):
    @fast
    @given(columns)
    def check(rows):
        a, b = [row[0] for row in rows], [row[1] for row in rows]
        minutes = [0.5 * index for index in range(len(rows))]
        content = sdr.write(START, minutes, {"A1": a, "B2": b}, **_style(*combination))
        content = _bytes(content, combination[0], combination[1])
        records = _check("presens_sdr", content, combination, a, b)
        np.testing.assert_array_equal(records.series[0].time_s, 60.0 * np.array(minutes))

    check()


@pytest.mark.parametrize("combination", COMBINATIONS, ids=repr)
@pytest.mark.parametrize("model", [3, 4])
def test_fibox_round_trip(combination, model):
    @settings(fast, max_examples=PER_COMBINATION // 2)
    @given(columns)
    def check(rows):
        a, b = [row[0] for row in rows], [row[1] for row in rows]
        minutes = [0.5 * index for index in range(len(rows))]
        style = _style(*combination)
        unit = "% airsatur." if model == 3 else "%a.s."
        content = fibox.write(START, minutes, a, b, model=model, unit=unit, **style)
        content = _bytes(content, combination[0], combination[1])
        _check("presens_fibox", content, combination, a, b)

    check()


@pytest.mark.parametrize("combination", COMBINATIONS, ids=repr)
@pytest.mark.parametrize("old", [False, True])
def test_pyroscience_round_trip(combination, old):
    @settings(fast, max_examples=PER_COMBINATION // 2)
    @given(columns)
    def check(rows):
        a, b = [row[0] for row in rows], [row[1] for row in rows]
        seconds = [10.0 * index + 0.25 for index in range(len(rows))]
        style = _style(*combination)
        if old:
            content = pyro.write_oxygen_logger(START, seconds, {2: a}, {2: b}, **style)
        else:
            content = pyro.write(START, seconds, a, b, end=True, **style)
        content = _bytes(content, combination[0], combination[1])
        _check("pyroscience", content, combination, a, b)

    check()
