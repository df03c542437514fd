"""The fit on spectra of known circuits: recovery, uncertainty, verdicts and arguments."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from skinmech_calibration.impedance import (
    PolarisedLayer,
    SingleLayer,
    TwoLayer,
    fit_spectra,
    impedance_of_tissue,
    resistance_minus_blank,
    single_frequency_resistance,
    teer,
    teer_batch,
)
from skinmech_calibration.impedance.fit import _fit_batch

FREQUENCY = np.geomspace(2.0, 5.0e4, 29)
CIRCUITS = {
    "single": (SingleLayer(), [30.0, 450.0, 1.1e-6]),
    "two": (TwoLayer(), [30.0, 600.0, 1.0e-6, 150.0, 4.0e-5]),
    "two, leaky": (TwoLayer(), [20.0, 12.0, 2.0e-6, 4.0, 6.0e-5]),
    "polarised": (PolarisedLayer(), [30.0, 4.5e-5, 0.85, 200.0, 1.0e-6]),
    "polarised, insert": (PolarisedLayer(5.5, 1.3e-5), [30.0, 4.5e-5, 0.85, 6.0, 1.0e-6]),
    "complex weights": (PolarisedLayer(weighting="modulus"), [30.0, 4.5e-5, 0.85, 20.0, 1e-6]),
}


def _spectrum(circuit, values, frequency=FREQUENCY):
    return np.asarray(circuit.impedance(jnp.asarray(values), jnp.asarray(frequency)))


@pytest.mark.parametrize("case", CIRCUITS)
def test_known_circuit_is_recovered(case):
    circuit, values = CIRCUITS[case]
    fit = fit_spectra(circuit, [(FREQUENCY, _spectrum(circuit, values))])
    got = np.asarray(fit.values[0])
    if isinstance(circuit, TwoLayer) and got[2] > got[4]:
        got = got[[0, 3, 4, 1, 2]]  # the two pairs have no order
    np.testing.assert_allclose(got, values, rtol=1e-4)
    assert fit.converged[0]


@pytest.mark.parametrize("case", ["single", "two", "polarised"])
def test_stated_standard_deviation_covers_repeats(case):
    circuit, values = CIRCUITS[case]
    clean = _spectrum(circuit, values)
    rng = np.random.default_rng(7)
    if circuit.weighting == "largest":
        scale = 0.003 * (np.abs(clean.real).max() + 1j * np.abs(clean.imag).max())
    else:
        scale = 0.003 * np.abs(clean) * (1 + 1j)
    noise = rng.normal(size=(64, 2, clean.size))
    noisy = clean + np.real(scale) * noise[:, 0] + 1j * np.imag(scale) * noise[:, 1]
    electrodes = circuit.electrodes[0]
    results = teer_batch([(FREQUENCY, z) for z in noisy], 1.0, circuit, electrodes)
    deviations = np.array([r.teer for r in results])
    ratio = deviations.std() / np.median([r.teer_sd for r in results])
    # 64 repeats: the standard error of a standard deviation is 9 %; four of them
    assert 0.64 < ratio < 1.36


def test_area_scales_resistance_up_and_geometry_factor_is_separate():
    z = _spectrum(*CIRCUITS["single"])
    one = teer(FREQUENCY, z, 1.0, "R-RC")
    two = teer(FREQUENCY, z / 0.336, 0.336, "R-RC", geometry_factor=0.8)
    assert one.teer == pytest.approx(450.0, rel=1e-6)
    assert two.teer == pytest.approx(0.8 * 450.0, rel=1e-6)
    assert two.parameters["R_1"] == pytest.approx(450.0, rel=1e-6)


def test_blank_holds_the_series_resistance():
    z = _spectrum(*CIRCUITS["single"])
    low = FREQUENCY < 3000  # the sweep stops before it shows the medium alone
    got = teer(FREQUENCY[low], z[low] / 0.5, 0.5, "R-RC", blank=60.0)
    assert got.series_resistance == pytest.approx(30.0, rel=1e-9)
    assert got.parameter_sd["R_s"] == 0
    assert "R_s" not in got.parameters_at_bound
    assert got.teer == pytest.approx(450.0, rel=1e-6)


def test_rows_of_frequency_zero_are_dropped_and_counted():
    z = _spectrum(*CIRCUITS["single"])
    got = teer(np.append(FREQUENCY, [0.0, 0.0]), np.append(z, [1e9, 1e9]), 1.0, "R-RC")
    assert got.num_dropped == 2 and got.num_points == 29
    assert got.frequency_window == (pytest.approx(2.0), pytest.approx(5e4))
    assert got.teer == pytest.approx(450.0, rel=1e-6)


def test_negative_real_part_gives_no_teer():
    z = _spectrum(*CIRCUITS["two"])
    z = np.where(np.arange(29) == 3, z - 2 * z.real, z)
    got = teer(FREQUENCY, z, 1.0)
    assert not got.accepted and np.isnan(got.teer)
    assert any("Re(Z) < 0" in reason for reason in got.reasons)


def test_wrong_sign_of_the_imaginary_part_is_told():
    got = teer(FREQUENCY, np.conj(_spectrum(*CIRCUITS["two"])), 1.0)
    assert not got.accepted
    assert any("Im(Z) is positive" in reason for reason in got.reasons)


def test_noise_instead_of_a_layer_gives_no_teer():
    rng = np.random.default_rng(1)
    z = rng.uniform(10, 500, FREQUENCY.size) - 1j * rng.uniform(1, 300, FREQUENCY.size)
    got = teer(FREQUENCY, z, 1.0)
    assert not got.accepted and np.isnan(got.teer)
    assert any("residual sum" in reason for reason in got.reasons)


def test_layer_outside_the_frequency_window_is_not_identifiable():
    circuit, values = CIRCUITS["single"]  # corner at 322 Hz
    frequency = np.geomspace(2.0, 30.0, 20)
    rng = np.random.default_rng(3)
    z = _spectrum(circuit, values, frequency) * (1 + 1e-4 * rng.normal(size=20))
    got = teer(frequency, z, 1.0, "R-RC")
    assert not got.accepted
    assert any("not identifiable" in reason for reason in got.reasons)


def test_sparse_sweep_around_the_corner_is_not_identifiable():
    frequency = np.array([2.0, 5.0, 10.0, 320.0, 1e4, 2e4, 5e4])
    got = teer(frequency, _spectrum(*CIRCUITS["single"], frequency), 1.0, "R-RC")
    assert any("1 points in the decade" in reason for reason in got.reasons)


def test_bare_medium_has_no_barrier():
    z = 30.0 - 1e-6j * FREQUENCY
    got = teer(FREQUENCY, z, 1.0, "R-RC")
    assert not got.accepted and np.isnan(got.teer)


def test_circuit_for_other_electrodes_is_flagged():
    got = teer(FREQUENCY, _spectrum(*CIRCUITS["single"]), 1.0, "R-RC", electrodes=2)
    assert any("electrodes" in flag for flag in got.flags)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"area_cm2": 0.0}, "membrane area"),
        ({"area_cm2": float("nan")}, "membrane area"),
        ({"electrodes": 3}, "number of electrodes: 3"),
        ({"circuit": "RCRC"}, "'R-RC-RC'"),
        ({"circuit": "R-RC", "insert": (5.0, 1e-5)}, "insert"),
        ({"geometry_factor": 0.0}, "geometry factor"),
        ({"z_ohm": np.ones(29)}, "complex"),
        ({"z_ohm": np.ones(7, complex)}, "common length"),
        ({"frequency_Hz": -FREQUENCY}, "at least 0"),
    ],
)
def test_malformed_arguments_are_refused(change, message):
    arguments = {
        "frequency_Hz": FREQUENCY,
        "z_ohm": _spectrum(*CIRCUITS["single"]),
        "area_cm2": 1.0,
        **change,
    }
    with pytest.raises(ValueError, match=message):
        teer(**arguments)


def test_empty_sweep_and_empty_batch_are_answered():
    got = teer(np.zeros(3), np.ones(3, complex), 1.0)
    assert not got.accepted and got.num_dropped == 3
    assert teer_batch([], 1.0) == []


def test_sweeps_of_different_length_share_one_executable():
    circuit, values = CIRCUITS["single"]
    traces = []
    before = _cache_size()
    for count in (17, 23, 31):
        frequency = np.geomspace(2.0, 5e4, count)
        fit_spectra(circuit, [(frequency, _spectrum(circuit, values, frequency))])
        traces.append(_cache_size() - before)
    assert traces[0] == traces[-1]


def _cache_size() -> int:
    return _fit_batch._cached._cache_size()


def test_tissue_impedance_is_the_circuit_and_has_its_gradient():
    circuit, (medium, resistance, capacitance) = CIRCUITS["single"]
    area = 0.33
    z = impedance_of_tissue(jnp.asarray(FREQUENCY), resistance, capacitance, medium / area, area)
    expected = _spectrum(circuit, [medium, resistance, capacitance]) / area
    np.testing.assert_allclose(np.asarray(z), expected, rtol=1e-12)

    def reading(R):
        return single_frequency_resistance(R, capacitance, medium / area, area)

    step = 1e-3
    finite = (reading(resistance + step) - reading(resistance - step)) / (2 * step)
    assert float(jax.grad(reading)(resistance)) == pytest.approx(float(finite), rel=1e-6)


def test_single_frequency_reading_underestimates_a_slow_tight_layer():
    reading = single_frequency_resistance(900.0, 1e-6, 30.0, 1.0, slow_resistance=250.0,
                                          slow_capacitance=1e-4)  # fmt: skip
    value = resistance_minus_blank(float(reading), 30.0, 1.0)
    assert 0.75 < value / 1150.0 < 0.9


def test_two_electrode_tissue_round_trips_through_teer():
    z = impedance_of_tissue(
        jnp.asarray(FREQUENCY), 40.0, 1e-6, 90.0, 0.336, electrode=(4.5e-5, 0.85),
        insert_resistance=5.5, insert_capacitance=1.3e-5,
    )  # fmt: skip
    got = teer(FREQUENCY, np.asarray(z), 0.336, electrodes=2, insert=(5.5, 1.3e-5))
    assert got.teer == pytest.approx(40.0, rel=1e-4)
    own = teer(FREQUENCY, np.asarray(z), 0.336, PolarisedLayer(5.5, 1.3e-5), electrodes=2)
    assert own.insert == (5.5, 1.3e-5)
    expected = float(np.interp(np.log(100.0), np.log(FREQUENCY), np.real(z) * 0.336))
    assert own.real_part(100.0) == pytest.approx(expected, rel=0.02)  # interpolated spectrum
