"""Simulated chip recordings in the instruments' own formats, for the worked example.

Nothing here was measured. The "true" donor is stated below; the chips are simulated with it,
noise is added, and the project's own writers make the files.
"""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .files import write_whole

if TYPE_CHECKING:
    from skinmech.trajectory import Trajectory

TRUTH = {
    "signalling.sensitivity[pSTAT6]": 1.9,
    "barrier.tight_junction_resistance": 560.0,
    "cytokines.CCL17_STAT6": 42000.0,
}
"""What the simulated donor differs in from the preset of atopic skin, in declared units."""
SWEEP_DAYS = (1, 2, 4, 6, 8, 10, 12, 14)
ASSAY_DAYS = (2, 5, 8, 11, 14)
TEWL_DAYS = (2, 8, 14)
ANALYTES = ("CCL17", "TSLP", "IL-33")
LOWEST = {"CCL17": 1.0, "TSLP": 1.0, "IL-33": 1.0}  # pg/mL, lower limit of the assay
LAYER_SHARE = 0.7  # of the resistance in the layer with the faster element
FAST, SLOW = 1.1e-6, 9.5e-6  # F/cm2
MEDIUM = 120.0  # ohm
AREA = 0.33  # cm2, as in chip.toml
NOISE = {"impedance": 0.004, "assay": 0.10, "tewl": 0.06}


def write_recordings(folder: Path, sidecar: str, seed: int = 7) -> list[Path]:
    """Simulate both chips and write every file, the side-car included.

    Args:
        folder: Where to; must exist.
        sidecar: The side-car without its file entries.
        seed: Of the noise.

    Returns:
        The files, the side-car last.
    """
    random = np.random.default_rng(seed)
    found = {"C01": _simulated(is_challenged=True), "C02": _simulated(is_challenged=False)}
    entries, paths = [], []
    for chip, one in found.items():
        for day in SWEEP_DAYS:
            name = f"{chip}_d{day}_freq"
            paths.append(write_whole(folder / name, _sweep(_at(one, "teer", day), day, random)))
            entries.append(f'[[file]]\npath = "{name}"\nchip = "{chip}"\ntime = "{day} d"\n'
                           'adapter = "autolab_nova"\ndate_order = "MDY"\n'
                           "expected = { sweeps = 1, points = 29 }\n")  # fmt: skip
    text, wells = _assay(found, random)
    paths.append(write_whole(folder / "luminex.csv", text))
    limits = ", ".join(f'"{a}" = {{ low = "{v} pg/mL" }}' for a, v in LOWEST.items())
    entries.append(
        f'[[file]]\npath = "luminex.csv"\nadapter = "luminex_xponent"\n'
        f'location = "effluent_basal"\nlimits = {{ {limits} }}\n[file.well_map]\n{wells}'
    )
    paths.append(write_whole(folder / "tewl.csv", _water_loss(found, random)))
    entries.append(
        '[[file]]\npath = "tewl.csv"\nadapter = "generic_table"\n'
        f"expected = {{ rows = {len(found) * len(TEWL_DAYS)} }}\n"
        "[file.columns]\n"
        '"Chip" = { role = "chip" }\n"Time (h)" = { role = "time", unit = "h" }\n'
        '"TEWL (g/m2/h)" = { observable = "tewl", unit = "g/m2/h", method = "open chamber" }\n'
        '"Comment" = { role = "note" }\n'
    )
    paths.append(write_whole(folder / "chip.toml", sidecar + "\n".join(entries)))
    return paths


def _simulated(*, is_challenged: bool) -> "Trajectory":
    import skinmech as sm

    from .bridge import disease_parameters
    from .runtime import model

    events: list[Any] = []
    if is_challenged:
        events = [
            sm.Change(2.0, {"inlet_cytokines[IL-4]": "5 ng/mL"}),
            sm.Change(2.0, {"inlet_cytokines[IL-13]": "10 ng/mL"}),
            sm.Dose("dupilumab", 0.0, 8.0),
            sm.Change(8.0, {"medium_drug[drug 1]": 100.0}),
        ]  # fmt: skip
    days = sorted({*SWEEP_DAYS, *ASSAY_DAYS, *TEWL_DAYS})
    return sm.simulate(
        model(), sm.Protocol(float(days[-1]), events),
        parameters=disease_parameters("atopic") | TRUTH,
        setting=sm.on_chip(volume="100 uL", flow="1 uL/min", area=f"{AREA} cm**2"),
        times=[float(day) for day in days],
    )  # fmt: skip


def _at(found: "Trajectory", name: str, day: float) -> float:
    return float(found[name][list(found.times).index(day)])


def _sweep(teer: float, day: int, random: np.random.Generator) -> bytes:
    import jax.numpy as jnp

    from skinmech_calibration.impedance import impedance_of_tissue
    from skinmech_chip_adapters.instruments.autolab_nova.writer import write

    frequency = np.geomspace(50000.0, 2.0, 29)
    z = np.asarray(
        impedance_of_tissue(
            jnp.asarray(frequency), LAYER_SHARE * teer, FAST, MEDIUM, AREA,
            slow_resistance=(1 - LAYER_SHARE) * teer, slow_capacitance=SLOW,
        )
    )  # fmt: skip
    size = NOISE["impedance"]
    z = z * (1 + size * random.standard_normal(29) + 1j * size * random.standard_normal(29))
    return write([(frequency, z)], datetime.date(2024, 3, 1) + datetime.timedelta(days=day))


def _assay(found: Mapping[str, "Trajectory"], random: np.random.Generator) -> tuple[bytes, str]:
    from skinmech_chip_adapters.instruments.luminex_xponent.writer import WellValues, write

    wells, places = [], []
    names = [f"{row}{column}" for column in (1, 2) for row in "ABCDEFGH"]
    samples = [(chip, day) for chip in found for day in ASSAY_DAYS]
    for well, (chip, day) in zip(names, samples, strict=False):
        result: dict[str, float | str] = {}
        for analyte in ANALYTES:
            true = _at(found[chip], f"compartment_{analyte}", day)
            value = true * float(np.exp(NOISE["assay"] * random.standard_normal()))
            result[analyte] = value if value >= LOWEST[analyte] else "OOR <"
        median = {a: 20.0 + (v * 1.7 if isinstance(v, float) else 2.0) for a, v in result.items()}
        count = {a: int(random.integers(60, 120)) for a in ANALYTES}
        wells.append(WellValues(well, f"{chip} d{day}", median, count, result))
        places.append(f'{well} = {{ chip = "{chip}", time = "{day} d" }}')
    text = write("SIMULATED", "3/20/2024 10:15:00 AM", wells, background=12.0, unit="pg/mL")
    return text, "\n".join(places) + "\n"


def _water_loss(found: Mapping[str, "Trajectory"], random: np.random.Generator) -> bytes:
    from skinmech_chip_adapters.instruments.generic_table.writer import write

    rows = []
    for chip, one in found.items():
        for day in TEWL_DAYS:
            error = float(np.exp(NOISE["tewl"] * random.standard_normal()))
            rows.append((chip, 24.0 * day, round(_at(one, "tewl", day) * error, 2), "simulated"))
    return write(("Chip", "Time (h)", "TEWL (g/m2/h)", "Comment"), rows)
