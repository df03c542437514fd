"""Writing a plate and reading it gives exactly the same numbers, however the file is written.

Each test walks through all combinations of encoding, line end, delimiter and decimal sign of its
format, with numbers chosen by hypothesis.
"""

import io
from collections.abc import Callable, Sequence
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.bmg_mars import writer as mars
from skinmech_chip_adapters.instruments.envision import writer as envision
from skinmech_chip_adapters.instruments.gen5 import writer as gen5
from skinmech_chip_adapters.instruments.novabio_flex2 import writer as flex2
from skinmech_chip_adapters.instruments.softmax_pro import writer as softmax
from skinmech_chip_adapters.instruments.tecan import writer as tecan
from tests.chip_adapters.plates._files import (
    DECLARED_ENCODINGS,
    ENCODINGS,
    NEWLINES,
    records,
)

WELLS = ("A01", "A02", "A03", "B01", "B02", "B03")
# A comma cannot part cells and be the decimal sign.
FREE = (("\t", "."), ("\t", ","), (";", "."), (";", ","))
ANY = (*FREE, (",", "."))
TABS = FREE[:2]

absorbances = st.lists(st.floats(-10.0, 10.0), min_size=6, max_size=6)
counts = st.lists(
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 10**7).map(float),
    min_size=6,
    max_size=6,
)
quick = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
CASES = {"read": 0}


def _options(encoding: str, decimal: str = "", more: str = "") -> str:
    parts = [f'encoding = "{encoding}"'] if encoding in DECLARED_ENCODINGS else []
    parts += [f'decimal = "{decimal}"'] if decimal else []
    return "\n".join([*parts, more])


def _check(
    adapter: str,
    write: Callable[..., bytes],
    wanted: Sequence[float],
    signs: Sequence[tuple[str, str]],
    *,
    declared: bool = False,
    more: str = "",
    observable: str = "",
    has_delimiter: bool = True,
) -> None:
    """Read what `write` gives for every combination and compare all numbers exactly."""
    for encoding, newline, (delimiter, decimal) in product(ENCODINGS, NEWLINES, signs):
        how = {"encoding": encoding, "newline": newline, "decimal": decimal}
        content = write(**how, **({"delimiter": delimiter} if has_delimiter else {}))
        options = _options(encoding, decimal if declared else "", more)
        rows = records(adapter, content, options).measurements
        found = [row.value for row in rows if observable in ("", row.observable)]
        assert found == list(wanted), (encoding, newline, delimiter, decimal)
        CASES["read"] += 1


def _cells(numbers: Sequence[float]) -> dict[str, float | str | None]:
    return dict(zip(WELLS, numbers, strict=True))


@given(absorbances)
@quick
def test_gen5_endpoint(numbers):
    plate = gen5.PlateData(results={"450": _cells(numbers)}, layout=dict.fromkeys(WELLS, "SPL"))
    _check("gen5", lambda **how: gen5.write([plate], **how), numbers, FREE)


@given(counts)
@quick
def test_gen5_fluorescence(numbers):
    plate = gen5.PlateData(
        reads=[("", "Fluorescence")], results={"485,528": _cells(numbers)},
        layout=dict.fromkeys(WELLS, "SPL"),
    )  # fmt: skip
    _check("gen5", lambda **how: gen5.write([plate], **how), numbers, FREE, declared=True)


@given(absorbances, absorbances)
@quick
def test_gen5_kinetic(first, second):
    cycles = [("0:00:22", 30.0, _cells(first)), ("0:04:22", 30.5, _cells(second))]
    plate = gen5.PlateData(cycles={"600": cycles})
    more = "expected = { wells = 6 }"
    _check("gen5", lambda **how: gen5.write([plate], **how), [*first, *second], FREE, more=more)


@given(absorbances)
@quick
def test_gen5_standard_curve(numbers):
    positive = [abs(number) for number in numbers]
    plate = gen5.PlateData(
        results={"450": _cells(numbers), "[Concentration]": _cells(positive)},
        layout=dict.fromkeys(WELLS, "SPL"), curve=True,
    )  # fmt: skip
    more = 'units = { "[Concentration]" = "pg/mL" }\nanalytes = { "[Concentration]" = "analyte" }'
    _check(
        "gen5", lambda **how: gen5.write([plate], **how), positive, FREE, declared=True, more=more,
        observable="concentration",
    )  # fmt: skip


@given(absorbances, absorbances)
@quick
def test_softmax_two_wavelengths(first, second):
    plate = softmax.PlateData(
        columns=3, wavelengths=(450, 620), points=[(_cells(first), _cells(second))]
    )
    _check(
        "softmax_pro", lambda **how: softmax.write([plate], **how), [*first, *second], TABS,
        has_delimiter=False,
    )  # fmt: skip


@given(counts, counts)
@quick
def test_softmax_kinetic_fluorescence(first, second):
    plate = softmax.PlateData(
        columns=3, mode="Fluorescence", wavelengths=(525,), times=("00:00:00", "00:01:30"),
        points=[(_cells(first),), (_cells(second),)], temperature=35.0,
    )  # fmt: skip
    _check(
        "softmax_pro", lambda **how: softmax.write([plate], **how), [*first, *second], TABS,
        declared=True, has_delimiter=False,
    )  # fmt: skip


@given(absorbances)
@quick
def test_mars(numbers):
    blocks = {"Raw Data  (450)": _cells(numbers)}
    _check("bmg_mars", lambda **how: mars.write(blocks, columns=3, **how), numbers, ANY)


@given(absorbances, absorbances)
@quick
def test_envision_two_plates(first, second):
    label = "A450(1) - channel 1 (A)"
    plates = [{label: _cells(first)}, {label: _cells(second)}]
    wanted = [*first, *second]
    _check("envision", lambda **how: envision.write(plates, columns=3, **how), wanted, ANY)


@pytest.mark.parametrize("layout", tecan.LAYOUTS)
@given(first=absorbances, second=absorbances)
@quick
def test_tecan_text(layout, first, second):
    points = [_cells(first), _cells(second)][: 1 if layout == "grid" else 2]
    label = tecan.LabelData(points=points, seconds=(0.0, 60.5)[: len(points)])
    wanted = [*first, *second][: 6 * len(points)]

    def write(**how: str) -> bytes:
        return tecan.write([label], layout=layout, columns=3, **how)

    _check("tecan", write, wanted, ANY)


@pytest.mark.parametrize("layout", tecan.LAYOUTS)
@given(numbers=absorbances)
@settings(quick, max_examples=2, phases=[Phase.generate])  # each example starts a child process
def test_tecan_workbook(layout, numbers):
    openpyxl = pytest.importorskip("openpyxl", reason="writes the workbook of this test")
    pytest.importorskip("python_calamine", reason="the extra excel reads workbooks")
    numbers = [float(f"{one:.15g}") for one in numbers]  # Excel keeps 15 digits
    book = openpyxl.Workbook()
    for row in tecan.rows([tecan.LabelData(points=[_cells(numbers)])], layout=layout, columns=3):
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    found = records("tecan", content.getvalue()).measurements
    assert [row.value for row in found] == numbers


@given(counts)
@quick
def test_flex2(numbers):
    samples = [
        flex2.SampleData(sample=f"S{i}", values={"Gluc": one}) for i, one in enumerate(numbers)
    ]
    more = 'units = { "Gluc" = "mmol/L" }'
    _check(
        "novabio_flex2", lambda **how: flex2.write(samples, **how), numbers, ANY, declared=True,
        more=more, observable="glucose",
    )  # fmt: skip


def test_enough_cases_were_read():
    """Runs last in this file; alone it has nothing to say."""
    if not CASES["read"]:
        pytest.skip("the round trips of this file did not run")
    assert CASES["read"] >= 2000


@given(st.lists(st.floats(0.001, 99999.0), min_size=6, max_size=6), st.sampled_from(".,"))
@settings(max_examples=200, deadline=None)
def test_an_undeclared_decimal_sign_is_found_or_asked_for_but_never_wrong(numbers, decimal):
    blocks = {"Raw Data (485)": _cells(numbers)}
    content = mars.write(
        blocks, columns=3, mode="Fluorescence", delimiter=";", decimal=decimal, digits=3
    )
    try:
        rows = records("bmg_mars", content).measurements
    except ChipDataError as error:
        assert error.code == "ambiguous_decimal"
        assert all(1.0 <= round(one, 3) < 1000.0 for one in numbers)
    else:
        assert [row.value for row in rows] == [float(f"{one:.3f}") for one in numbers]
