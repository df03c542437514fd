"""Cut and damaged files: right values for what is intact, or a flag, or an error; nothing else."""

import random
from pathlib import Path

import pytest

from skinmech_chip_adapters import ChipDataError
from skinmech_chip_adapters.instruments.bmg_mars import writer as mars
from skinmech_chip_adapters.instruments.envision import writer as envision
from skinmech_chip_adapters.instruments.gen5 import writer as gen5
from skinmech_chip_adapters.instruments.novabio_flex2 import writer as flex2
from skinmech_chip_adapters.instruments.softmax_pro import writer as softmax
from skinmech_chip_adapters.instruments.tecan import writer as tecan
from skinmech_chip_adapters.plates.grid import LETTERS, well_name
from tests.chip_adapters.plates._files import is_marked, records, values

NUMBERS = random.Random(1)
SMALL = [well_name(letter, column) for letter in LETTERS[:4] for column in range(1, 7)]
ONE, TWO = ({well: round(NUMBERS.uniform(0.03, 3.9), 4) for well in SMALL} for _ in range(2))
PARTIAL = {well: value for well, value in ONE.items() if well[0] in "BC" and well[1:] > "02"}
MORE = 'units = { "[Concentration]" = "pg/mL" }\nanalytes = { "[Concentration]" = "analyte" }'
CYCLES = [("0:00:22", 30.0, ONE), ("0:04:22", 30.5, TWO)]
LABELS = [
    tecan.LabelData(points=[ONE]),
    tecan.LabelData(name="Label2", wavelength=620, points=[TWO]),
]
RUN = [tecan.LabelData(points=[ONE, TWO], seconds=(0.0, 60.5))]
SAMPLES = [
    flex2.SampleData(
        sample=f"S{number}",
        time=f"2/18/2021  10:{28 + number}:04 AM",
        values={"Gluc": value, "pH": 7.25, "PO2": 150.5, "Vessel Temperature (°C)": 37.0},
    )
    for number, value in enumerate(list(ONE.values())[:8])
]
FILES = {
    "gen5 endpoint": (
        "gen5", MORE,
        gen5.write([gen5.PlateData(
            results={"450": ONE, "Blank 450": TWO, "[Concentration]": ONE},
            layout=dict.fromkeys(SMALL, "SPL"), temperature=22.5, curve=True,
        )]),
    ),
    "gen5 kinetic": (
        "gen5", "expected = { wells = 24 }",
        gen5.write([gen5.PlateData(cycles={"600": CYCLES, "700": CYCLES})])
        .replace(b"\tFull Plate", b"\tWavelengths:  600, 700"),
    ),
    "gen5 two plates": (
        "gen5", "",
        gen5.write([
            gen5.PlateData(name=name, results={"450": one}, layout=dict.fromkeys(SMALL, "S"))
            for name, one in (("Plate 1", ONE), ("Plate 2", TWO))
        ]),
    ),
    "softmax": (
        "softmax_pro", "",
        softmax.write([softmax.PlateData(
            columns=6, wavelengths=(450, 620), points=[(PARTIAL, PARTIAL)], temperature=22.5,
        )]),
    ),
    "softmax kinetic": (
        "softmax_pro", "",
        softmax.write([softmax.PlateData(
            columns=6, points=[(ONE,), (TWO,)], times=("00:00:00", "00:01:30"),
        )], encoding="utf-8"),
    ),
    "mars": (
        "bmg_mars", "", mars.write({"Raw Data (450)": ONE, "Raw Data (620)": TWO}, columns=6),
    ),
    "envision": (
        "envision", "",
        envision.write([{"A450(1) - channel 1 (A)": one} for one in (ONE, TWO)], columns=6),
    ),
    "tecan grid": ("tecan", "", tecan.write(LABELS, columns=6)),
    "tecan magellan": ("tecan", "", tecan.write(LABELS, layout="magellan", columns=6)),
    "tecan cycles": ("tecan", "", tecan.write(RUN, layout="cycles as columns", columns=6)),
    "tecan cycles as rows": ("tecan", "", tecan.write(RUN, layout="cycles as rows", columns=6)),
    "flex2": (
        "novabio_flex2", 'units = { "Gluc" = "mmol/L", "PO2" = "mmHg" }', flex2.write(SAMPLES),
    ),
}  # fmt: skip
RECORDED = {
    "gen5/endpoint_stdcurve_singleplate.txt": ("gen5", MORE),
    "softmax_pro/MD_SMP_absorbance_endpoint_partial_plate_example05.txt": ("softmax_pro", ""),
    "bmg_mars/PHERAstar output file.CSV": ("bmg_mars", ""),
    "envision/PE_Envision_absorbance_A450_example.csv": ("envision", ""),
    "novabio_flex2/SampleResultsDEVICE1232021-02-18_104838.csv": (
        "novabio_flex2", 'units = { "Gluc" = "mmol/L", "Lac" = "mmol/L", "PO2" = "mmHg" }',
    ),
}  # fmt: skip


def _cuts(size: int, some: int) -> list[int]:
    """Places all over a file, and every byte of its end."""
    return sorted({*range(0, size, max(1, size // some)), *range(max(0, size - 80), size)})


def _check_cuts(adapter: str, options: str, content: bytes, some: int) -> None:
    whole = values(records(adapter, content, options))
    for cut in _cuts(len(content), some):
        for keep in ("", 'on_bad_row = "keep_flagged"\n'):
            try:
                found = records(adapter, content[:cut], keep + options)
            except ChipDataError:
                continue
            part = values(found)
            assert part == whole or is_marked(found), cut
            if not keep:  # without leave to keep a cut file, nothing that is read is wrong
                assert part.items() <= whole.items(), cut


@pytest.mark.parametrize("name", FILES)
def test_a_cut_file_is_refused_or_marked_and_its_values_are_right(name):
    adapter, options, content = FILES[name]
    _check_cuts(adapter, options, content, 80)


@pytest.mark.parametrize("name", RECORDED)
def test_a_cut_recording_is_refused_or_marked_and_its_values_are_right(shared_data, name):
    path: Path = shared_data / "instruments" / name
    if not path.exists():
        pytest.skip("the recording is not in the reference data")
    _check_cuts(*RECORDED[name], path.read_bytes(), 40)


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """One byte exchanged, by preference for a sign that means something in these formats."""
    at = chance.randrange(len(content))
    sign = chance.choice((*b'\t\n\r ,;.-0159eEAH"', chance.randrange(256)))
    return content[:at] + bytes((sign,)) + content[at + 1 :]


@pytest.mark.parametrize("name", FILES)
def test_one_damaged_byte_changes_one_value_at_most_and_loses_none(name):
    adapter, options, content = FILES[name]
    chance = random.Random(name)
    first = records(adapter, content, options)
    whole, marked = values(first), is_marked(first)
    refused = 0
    for _ in range(200):
        damaged = _damaged(content, chance)
        try:
            found = records(adapter, damaged, options)
        except ChipDataError:
            refused += 1
            continue
        codes = {one.code for one in found.messages}
        if "unknown_column" in codes or (is_marked(found) and not marked):
            continue  # said so
        # Labels may be damaged too, so values are compared in their order in the file.
        after = [*values(found).values()]
        assert len(after) == len(whole), damaged
        changed = sum(one != two for one, two in zip(after, whole.values(), strict=True))
        assert changed <= 1, damaged
    assert refused > 25  # the damage does matter


@pytest.mark.parametrize("name", FILES)
def test_any_bytes_give_no_other_error(name):
    adapter, options, content = FILES[name]
    chance = random.Random(name)
    for _ in range(80):
        at, length = chance.randrange(len(content)), chance.randrange(1, 60)
        noise = bytes(chance.randrange(256) for _ in range(chance.randrange(20)))
        for keep in ("", 'on_bad_row = "keep_flagged"\n'):
            try:
                records(adapter, content[:at] + noise + content[at + length :], keep + options)
            except ChipDataError as error:
                assert error.errors and all(one.code for one in error.errors)
