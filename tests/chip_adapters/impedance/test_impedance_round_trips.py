"""What a writer writes, the reader reads: the same numbers in every form a format can have.

Each test draws numbers and writes them in all combinations of encoding, line end, delimiter and
decimal sign; the numbers that come back have to be equal, bit for bit.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from skinmech_chip_adapters import ChipDataError, Sidecar
from skinmech_chip_adapters.impedance.sweeps import polar
from skinmech_chip_adapters.instruments.biologic_mpt import writer as biologic_mpt
from skinmech_chip_adapters.instruments.cellzscope_model import writer as cellzscope_model
from skinmech_chip_adapters.instruments.cellzscope_raw import writer as cellzscope_raw
from skinmech_chip_adapters.instruments.ecis_abp import writer as ecis_abp
from skinmech_chip_adapters.instruments.ecis_rba import writer as ecis_rba
from skinmech_chip_adapters.instruments.gamry import writer as gamry
from skinmech_chip_adapters.instruments.palmsens import writer as palmsens
from skinmech_chip_adapters.instruments.sciospec import writer as sciospec
from skinmech_chip_adapters.instruments.xcelligence_text import writer as xcelligence_text
from skinmech_chip_adapters.units import conversion
from tests.chip_adapters.impedance.conftest import parse, sidecar_text

NEWLINES = ("\r\n", "\n", "\r")
TABLES = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","))
# Encoding as Python names it; those that no evidence tells apart are declared in the side-car.
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
WESTERN = ("cp1252", "latin-1", "mac_roman")
DECLARED = set(WESTERN)
# Cases per test: number of drawn examples times number of forms; about 7,400 in all.
FEW = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "derandomize": True,
    "phases": (Phase.explicit, Phase.generate),  # each example is many cases: shrinking is slow
}

numbers = st.one_of(
    st.floats(1e-6, 1e9), st.floats(-1e9, -1e-6), st.integers(-5000, 5000).map(float)
)
positive = st.floats(1e-6, 1e9)
times = st.datetimes(datetime(2015, 1, 1), datetime(2035, 12, 31)).map(
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000)
)
frequencies = st.lists(st.floats(1e-3, 1e7), min_size=1, max_size=5, unique=True).map(
    lambda values: np.array(sorted(values, reverse=True))
)


@st.composite
def impedance(draw, points):
    parts = [draw(st.lists(numbers, min_size=points, max_size=points)) for _ in "xy"]
    return np.array(parts[0]) + 1j * np.array(parts[1])


@lru_cache(maxsize=256)
def _sidecar(chips, wells, options):
    text = sidecar_text("data", chips, options, dict(wells) or None)
    return Sidecar.from_text(text)


def read(name, content, encoding, *, wells=(), options="", decimal="."):
    """Records of a file; the decimal sign is declared only if the numbers leave it open."""
    chips = tuple(f"C{number}" for number in range(max(1, len(wells))))
    mapped = tuple(zip(wells, chips, strict=False))
    lines = f'time = "1 h"\n{options}'
    if encoding in DECLARED:
        lines += f'\nencoding = "{encoding}"'
    try:
        return parse(name, content, _sidecar(chips, mapped, lines))
    except ChipDataError as error:
        assert {one.code for one in error.errors} == {"ambiguous_decimal"}
        return parse(name, content, _sidecar(chips, mapped, f'{lines}\ndecimal = "{decimal}"'))


def same(found, written) -> bool:
    return np.array_equal(found, written, equal_nan=True)


def forms(*choices) -> Iterator[tuple]:
    return product(*choices)


@settings(max_examples=8, **FEW)
@given(st.data())
def test_cellzscope_spectra(data):
    frequency = data.draw(frequencies)
    sweeps = []
    for well in ("A1", "B12"):
        size = len(frequency)
        magnitude = np.array(data.draw(st.lists(positive, min_size=size, max_size=size)))
        phase = np.array(data.draw(st.lists(st.floats(-180, 180), min_size=size, max_size=size)))
        time = data.draw(times)
        sweeps.append(
            cellzscope_raw.Sweep(well, "80,000 cells é", "Run.1", time, frequency, magnitude, phase)
        )
    turn = conversion("deg", "radian")[0]
    for encoding, newline, (delimiter, decimal) in forms((*UNICODE, *WESTERN), NEWLINES, TABLES):
        content = cellzscope_raw.write(
            sweeps, delimiter=delimiter, decimal=decimal, newline=newline, encoding=encoding,
            digits=None,
        )  # fmt: skip
        parsed, records = read(
            "cellzscope_raw", content, encoding, wells=("A1", "B12"), decimal=decimal,
            options='date_order = "DMY"',
        )  # fmt: skip
        assert (parsed.delimiter, parsed.decimal) in ((delimiter, decimal), (delimiter, "."))
        for written, block, one in zip(sweeps, parsed.tables, records.spectra, strict=True):
            assert block.sample == "80,000 cells é"
            assert same(block.columns["magnitude"].values, written.magnitude)
            assert same(block.columns["phase"].values, written.phase)
            assert same(one.frequency_Hz, frequency)
            assert same(one.z_ohm, polar(written.magnitude, written.phase * turn))


@settings(max_examples=8, **FEW)
@given(st.data())
def test_cellzscope_model(data):
    hours = sorted(data.draw(st.lists(st.floats(0, 1000), min_size=1, max_size=3, unique=True)))
    cell = st.one_of(st.none(), st.floats(0, 1e6))
    row = st.lists(cell, min_size=2, max_size=2)
    tables = {
        name: data.draw(st.lists(row, min_size=len(hours), max_size=len(hours)))
        for name in ("CPE_A", "TER", "Ccl", "Rmed")
    }
    scales = {"TER": 1.0, "Ccl": conversion("uF/cm^2", "F/cm^2")[0], "Rmed": 1.0}
    observables = {"TER": "teer", "Ccl": "layer_capacitance", "Rmed": "medium_resistance"}
    for encoding, newline, (delimiter, decimal) in forms(UNICODE, NEWLINES, TABLES):
        content = cellzscope_model.write(
            ("A1", "A2"), hours, tables, delimiter=delimiter, decimal=decimal, newline=newline,
            encoding=encoding, digits=None,
        )  # fmt: skip
        _, records = read(
            "cellzscope_model", content, encoding, wells=("A1", "A2"), decimal=decimal
        )
        for name, scale in scales.items():
            rows = [one for one in records.measurements if one.observable == observables[name]]
            for column, well in enumerate(("A01", "A02")):
                mine = [one for one in rows if one.well == well]
                values = [line[column] for line in tables[name]]
                written = [math.nan if one is None else one * scale for one in values]
                assert same([one.value for one in mine], written)
                assert [one.censor == "missing" for one in mine] == [one is None for one in values]
                assert [one.time_s for one in mine] == [3600.0 + one * 3600.0 for one in hours]


@settings(max_examples=20, **FEW)
@given(st.data())
def test_ecis_impedance(data):
    frequency = data.draw(frequencies)
    hours = sorted(data.draw(st.lists(st.floats(0, 1000), min_size=1, max_size=3, unique=True)))
    spectra = {
        (hour, well): data.draw(impedance(len(frequency))) for hour in hours for well in (1, 13)
    }
    start = data.draw(times).replace(microsecond=0)
    # The titles carry at most 15 digits of a frequency.
    titles = np.array([float(f"{one:.15g}") for one in frequency])
    for encoding, newline, trailer in forms(("ascii", *UNICODE), NEWLINES, (True, False)):
        content = ecis_abp.write(
            spectra, titles, start, newline=newline, encoding=encoding, exact=True, trailer=trailer
        )
        _, records = read("ecis_abp", content, encoding, wells=("A1", "E2"))
        assert len(records.spectra) == len(spectra)
        for ((hour, well), z), one in zip(spectra.items(), records.spectra, strict=True):
            assert one.well == {1: "A01", 13: "E02"}[well]
            assert same(one.frequency_Hz, titles) and same(one.z_ohm, z)
            assert one.time_s == 3600.0 + hour * 3600.0
            assert one.timestamp_text.startswith(f"{start:%Y-%m-%d, %H:%M:%S}")


@settings(max_examples=6, **FEW)
@given(st.data())
def test_ecis_model(data):
    hours = sorted(data.draw(st.lists(st.floats(0, 1000), min_size=1, max_size=3, unique=True)))
    cell = st.one_of(st.none(), st.floats(0, 999))
    row = st.lists(cell, min_size=5, max_size=5)
    values = {(hour, well): data.draw(row) for hour in hours for well in (1, 13)}
    start = data.draw(times).replace(microsecond=0)
    for encoding, newline, (delimiter, decimal), padding in forms(
        ("ascii", *UNICODE), NEWLINES, TABLES, (0, 4)
    ):
        content = ecis_rba.write(
            values, start, delimiter=delimiter, decimal=decimal, newline=newline,
            encoding=encoding, digits=None, padding=padding,
        )  # fmt: skip
        _, records = read("ecis_rba", content, encoding, wells=("A1", "E2"), decimal=decimal)
        written = [math.nan if one[0] is None else one[0] for one in values.values()]
        assert same([one.value for one in records.measurements], written)
        assert [one.time_s for one in records.measurements] == [
            3600.0 + hour * 3600.0 for hour, _ in values
        ]


@settings(max_examples=6, **FEW)
@given(st.data())
def test_xcelligence_cell_index(data):
    seconds = sorted(
        data.draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=4, unique=True))
    )
    cell = st.one_of(st.none(), numbers)
    column = st.lists(cell, min_size=len(seconds), max_size=len(seconds))
    wells = {name: data.draw(column) for name in ("A1", "H12")}
    for encoding, newline, (delimiter, decimal), clock in forms(
        ("ascii", *UNICODE), NEWLINES, TABLES, ",."
    ):
        content = xcelligence_text.write(
            seconds, wells, delimiter=delimiter, decimal=decimal, newline=newline,
            encoding=encoding, clock_decimal=clock,
        )  # fmt: skip
        _, records = read(
            "xcelligence_text", content, encoding, wells=("A1", "H12"), decimal=decimal
        )
        written = [math.nan if one is None else one for values in wells.values() for one in values]
        assert same([one.value for one in records.measurements], written)
        assert [one.time_s for one in records.measurements] == [
            3600.0 + one for _ in wells for one in seconds
        ]


@settings(max_examples=10, **FEW)
@given(st.data())
def test_sciospec(data):
    frequency = data.draw(frequencies)
    z, time = data.draw(impedance(len(frequency))), data.draw(times)
    for encoding, newline, (delimiter, decimal) in forms(("ascii", *UNICODE), NEWLINES, TABLES):
        content = sciospec.write(
            frequency, z, time, delimiter=delimiter, decimal=decimal, newline=newline,
            encoding=encoding,
        )  # fmt: skip
        _, records = read(
            "sciospec", content, encoding, decimal=decimal, options='timezone = "UTC"'
        )
        (one,) = records.spectra
        assert same(one.frequency_Hz, frequency) and same(one.z_ohm, z)
        assert datetime.fromisoformat(one.timestamp_utc) == time.replace(tzinfo=UTC)


@settings(max_examples=8, **FEW)
@given(st.data())
def test_gamry(data):
    frequency = data.draw(frequencies)
    z, time = data.draw(impedance(len(frequency))), data.draw(times)
    for encoding, newline, decimal, counted in forms(
        (*UNICODE, *WESTERN, "undeclared"), NEWLINES, ".,", (True, False)
    ):
        written = "latin-1" if encoding == "undeclared" else encoding
        content = gamry.write(
            frequency, z, time, decimal=decimal, newline=newline, encoding=written, counted=counted,
            notes=("für Probe 3", "\tfree"), day_first=counted,
        )  # fmt: skip
        order = "DMY" if counted else "MDY"
        parsed, records = read(
            "gamry", content, encoding, decimal=decimal,
            options=f'date_order = "{order}"\ntimezone = "UTC"',
        )  # fmt: skip
        (one,) = records.spectra
        assert same(one.frequency_Hz, frequency) and same(one.z_ohm, z)
        stamp = datetime.fromisoformat(one.timestamp_utc)
        assert stamp == time.replace(tzinfo=UTC, microsecond=0)
        assert encoding != "undeclared" or parsed.encoding == "latin-1"


def _rounded(values):
    """As the exporter writes them: eight digits."""
    return np.array([float(f"{one:.7E}") for one in values])


@settings(max_examples=8, **FEW)
@given(st.data())
def test_eclab_text(data):
    frequency = _rounded(data.draw(frequencies))
    sweeps = []
    for _ in range(data.draw(st.integers(1, 3))):
        z = data.draw(impedance(len(frequency)))
        sweeps.append((frequency, _rounded(np.real(z)) + 1j * _rounded(np.imag(z))))
    order = data.draw(st.permutations(range(7)))
    time = data.draw(times)
    for encoding, newline, decimal, closed in forms(
        (*UNICODE, "cp1252", "latin-1", "undeclared"), NEWLINES, ".,", (True, False)
    ):
        content = biologic_mpt.write(
            sweeps, time, decimal=decimal, newline=newline, order=order, last_newline=closed,
            encoding="latin-1" if encoding == "undeclared" else encoding,
        )  # fmt: skip
        _, records = read(
            "biologic_mpt", content, encoding, decimal=decimal, options='date_order = "MDY"'
        )
        for (f, z), one in zip(sweeps, records.spectra, strict=True):
            assert same(one.frequency_Hz, f) and same(one.z_ohm, z)


@settings(max_examples=20, **FEW)
@given(st.data())
def test_palmsens(data):
    frequency = data.draw(frequencies)
    sweeps = [
        (title, frequency, data.draw(impedance(len(frequency)))) for title in ("CH 1 Ω", "CH 2")
    ]
    time = data.draw(times).replace(tzinfo=UTC)
    for encoding, newline, bom in forms(
        ("utf-8", "utf-16-le", "utf-16-be"), ("", *NEWLINES), (True, False)
    ):
        content = palmsens.write(sweeps, time, encoding=encoding, newline=newline, bom=bom)
        _, records = read("palmsens", content, encoding, wells=("CH 1 Ω", "CH 2"))
        for (_, f, z), one in zip(sweeps, records.spectra, strict=True):
            assert same(one.frequency_Hz, f) and same(one.z_ohm, z)
        assert datetime.fromisoformat(records.spectra[0].timestamp_utc) == time
        assert [one.time_s for one in records.spectra] == [3600.0, 7200.0]
