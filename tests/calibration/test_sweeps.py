"""Sweeps against the model's own impedance, with no circuit fitted in between."""

import numpy as np
import pytest

import skinmech as sm
import skinmech_calibration as cal
from skinmech.observables.impedance import FREQUENCIES
from skinmech_calibration.sweeps import SWEEP_FREE, sweep_observations
from skinmech_chip_adapters.record import ChipRecord
from skinmech_chip_adapters.schema import Chip, Device, Measurement, Setting, Spectrum, Study
from skinmech_chip_adapters.table import Table

AREA, DAY = 0.33, 86400.0
DAYS = (0.0, 3.0, 6.0)
TISSUE = ("barrier.tight_junction_resistance", "barrier.corneum_resistance")
TRUE = {
    "barrier.tight_junction_resistance": 480.0,
    "barrier.corneum_resistance": 1300.0,
    "impedance.medium_resistance": 25.0,
    "impedance.tight_junction_capacitance": 14.0,
    "impedance.corneum_capacitance": 0.06,
    "impedance.ideality": 0.9,
}


def impedance(frequency, junctions, corneum, medium, slow, fast, ideality):
    """The readout's formula in complex numbers, ohm cm2."""

    def layer(resistance, capacitance):
        charging = 1j * 2 * np.pi * frequency * resistance * capacitance * 1e-6
        return resistance / (1.0 + charging**ideality)

    return medium + layer(junctions, slow) + layer(corneum, fast)


@pytest.fixture(scope="module")
def run(model):
    """The resting chip at the true parameters."""
    return sm.simulate(
        model, sm.Protocol(6.0), parameters=TRUE, setting=sm.on_chip(), times=list(DAYS)
    )


def record_of(run, noise=0.0, seed=3):
    """A record with the sweeps of that chip, on the frequencies of an instrument."""
    frequency = np.geomspace(5e4, 0.5, 41)
    random = np.random.default_rng(seed)
    sweeps, measurements = [], []
    for i, day in enumerate(DAYS):
        size = [run[f"impedance_{label}"][i] for label in FREQUENCIES]
        phase = [run[f"impedance_phase_{label}"][i] for label in FREQUENCIES]
        # Finer than the observables: the same layers, from their sum and the stated ratio.
        junctions = _junctions(run, i)
        z = impedance(frequency, junctions, run["teer"][i] - junctions, 25.0, 14.0, 0.06, 0.9)
        own = impedance(np.array(list(FREQUENCIES.values())), junctions,
                        run["teer"][i] - junctions, 25.0, 14.0, 0.06, 0.9)  # fmt: skip
        np.testing.assert_allclose(np.abs(own), size, rtol=1e-10)
        np.testing.assert_allclose(np.rad2deg(np.angle(own)), phase, rtol=1e-10, atol=1e-10)
        shake = random.standard_normal((2, frequency.size)) * noise
        sweeps.append(
            Spectrum(frequency_Hz=frequency, z_ohm=z * np.exp(shake[0] + 1j * shake[1]) / AREA,
                     point_time_s=np.full(41, np.nan), chip_id="C", time_s=day * DAY)
        )  # fmt: skip
        measurements.append(
            Measurement(measurement_id=str(i), chip_id="C", observable="teer", value=1.0,
                        unit="ohm*cm**2", time_s=day * DAY)
        )  # fmt: skip
    device = Device(device_id="D", membrane_area_cm2=AREA, basal_volume_uL=100.0)
    flow = Setting(chip_id="C", setting="flow", value=1.0, unit="uL/min", time_s=0.0)
    return ChipRecord(
        study=Study(study_id="S"),
        devices={"D": device},
        chips=Table.of(Chip, [Chip(chip_id="C", device_id="D")]),
        settings=Table.of(Setting, [flow]),
        measurements=Table.of(Measurement, measurements),
        spectra=tuple(sweeps),
    )


def _junctions(run, i):
    upper = run.field("barrier.tight_junctions")[i, 0]
    return TRUE["barrier.tight_junction_resistance"] * upper


def test_the_record_s_sweeps_become_the_model_s_own_impedance(model, run):
    record = record_of(run)
    found = cal.from_record(record, "C", model, spectra="impedance")
    names = {one.observable for one in found.observations}
    assert "teer" not in names
    inside = {label for label, f in FREQUENCIES.items() if 0.5 <= f <= 5e4}
    assert names == {f"impedance_{x}" for x in inside} | {f"impedance_phase_{x}" for x in inside}
    for one in found.observations:
        at = DAYS.index(one.time)
        wanted = run[one.observable][at]
        # Between the instrument's frequencies: straight lines over logarithms.
        np.testing.assert_allclose(one.value, wanted, rtol=5e-3, atol=0.15)


def test_a_fit_to_sweeps_finds_both_layers_and_the_set_up(model, run):
    experiment = cal.from_record(record_of(run, noise=0.01), "C", model, spectra="impedance")
    problem = cal.CalibrationProblem(model, [experiment], [*TISSUE, *SWEEP_FREE])
    found = cal.fit(problem, starts=1, max_iterations=20)
    assert found.is_converged
    intervals = {row["name"]: row["interval"] for row in found.posterior.summary()}
    for path, true in TRUE.items():
        low, high = intervals[path]
        assert low < true < high, path
    for path in TISSUE:  # one resistance alone could not tell the layers apart
        low, high = intervals[path]
        assert high < 2.0 * low
        assert found.values[path] == pytest.approx(TRUE[path], rel=0.15)


def test_what_cannot_be_used_is_told():
    z = np.array([100.0 - 5.0j, np.nan])
    sweep = Spectrum(frequency_Hz=np.array([1e3, 1e2]), z_ohm=z, point_time_s=z.real, time_s=0.0)
    late = Spectrum(frequency_Hz=np.array([1e3, 1e2]), z_ohm=z, point_time_s=z.real)
    notes, problems = [], []
    assert sweep_observations([sweep, late], 0.3, notes, problems) == []
    assert "fewer than two usable points" in notes[0] and "no time" in problems[0]


def test_an_unknown_use_of_spectra_is_refused(model, run):
    with pytest.raises(cal.CalibrationError, match="Expected teer or impedance"):
        cal.from_record(record_of(run), "C", model, spectra="spectrum")
