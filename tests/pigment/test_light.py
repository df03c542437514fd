"""Light as a spectrum: action spectra, lamps against published doses, darkening by UVA."""

import numpy as np
import pytest

import skinmech as sm
from skinmech.light import (
    LAMPS,
    UnknownLampError,
    cpd_effect,
    darkened,
    darkening,
    equivalent,
    erythema_effect,
    lamp,
    light_dose,
    minimal_erythema,
)
from skinmech.light.lamps import WAVELENGTHS
from skinmech.observables.optics import skin_colour, skin_layers, skin_reflectance
from skinmech.submodels.pigmentation import MELANOGENIC_CAPACITY
from skinmech_app import study


def test_the_erythema_spectrum_is_that_of_the_standard():
    # Values that ISO 17166 tabulates.
    found = erythema_effect(np.array([290.0, 298.0, 310.0, 328.0, 360.0, 400.0]))
    expected = [1.0, 1.0, 0.0745, 0.00151, 0.000501, 0.000126]
    np.testing.assert_allclose(found, expected, rtol=5e-3)
    edge = erythema_effect(np.array([328.0, 328.0 + 1e-9]))
    assert edge[0] == pytest.approx(edge[1], rel=0.02)


@pytest.mark.parametrize("name", LAMPS)
def test_a_lamp_gives_all_its_energy_and_only_where_it_shines(name):
    spectrum = LAMPS[name].spectrum()
    assert spectrum.sum() == pytest.approx(1.0)
    assert spectrum.min() >= 0.0
    assert LAMPS[name].share(280.0, 401.0) == pytest.approx(1.0)
    assert name in study.LAMPS


@pytest.mark.parametrize(("phototype", "published"), [("II", 0.1229), ("III", 0.1362)])
def test_broadband_erythema_dose_meets_the_measured_one(phototype, published):
    # Medians of Taiwanese skin, J/cm2; the erythemal doses by phototype are from elsewhere.
    assert minimal_erythema("broadband UVB", phototype) == pytest.approx(published, rel=0.25)


def test_the_solar_simulator_is_within_the_limits_of_sunscreen_tests():
    weight = LAMPS["solar simulator"].spectrum() * erythema_effect(WAVELENGTHS)
    reached = 100 * np.cumsum(weight) / weight.sum()
    for end, low, high in ((300, 1, 8), (310, 49, 65), (320, 85, 90), (330, 91.5, 95.5)):
        assert low <= reached[WAVELENGTHS == end - 1][0] <= high, end


def test_longer_waves_damage_less_and_the_reference_lamp_is_left_as_it_is():
    effect = cpd_effect(WAVELENGTHS)
    assert np.all(np.diff(effect) <= 0.0)
    assert equivalent("NB-UVB", 0.7) == 0.7
    worth = [equivalent(name, 1.0) for name in ("broadband UVB", "NB-UVB", "UVA", "UVA1")]
    assert worth == sorted(worth, reverse=True)
    # Skin that reddens alike has fewer dimers under UVA1 (Tewari 2012): below half per dose.
    per_dose = {
        name: light_dose(name, minimal_erythema(name, "II")).equivalent
        for name in ("NB-UVB", "UVA1")
    }
    assert per_dose["UVA1"] < 0.5 * per_dose["NB-UVB"]


def test_a_protocol_takes_a_lamp_and_refuses_what_the_model_does_not_have():
    (step,) = sm.Protocol(2.0, [sm.Ultraviolet("30 J/cm**2", 1.0, "UVA1")]).steps()
    assert step.amount == equivalent("UVA1", 30.0)
    (plain,) = sm.Protocol(2.0, [sm.Ultraviolet("1 J/cm**2", 1.0)]).steps()
    assert plain.amount == 1.0
    with pytest.raises(sm.ProtocolError, match="psoralen"):
        sm.Protocol(2.0, [sm.Ultraviolet(1.0, 1.0, "PUVA")]).steps()
    with pytest.raises(UnknownLampError, match="Did you mean 'UVA'"):
        lamp("UVA-l")
    assert lamp("nb uvb").name == "NB-UVB"


def test_uva_darkens_by_the_melanin_that_is_there():
    def change(phototype, uva, minutes):
        layers = skin_layers(98.0, 0.025 * MELANOGENIC_CAPACITY[phototype])
        before, after = (
            float(skin_colour(skin_reflectance(one)).lightness)
            for one in (layers, darkened(layers, uva, minutes))
        )
        return before - after

    # Thresholds 1 (at once) and 11 J/cm2 (persistent); a change of 0.8 in L* is just visible.
    assert change("III", 1.0, 0.0) == pytest.approx(0.8, rel=0.1)
    assert change("III", 11.0, 60.0) == pytest.approx(0.8, rel=0.1)
    assert change("V", 11.0, 60.0) > change("III", 11.0, 60.0) > change("II", 11.0, 60.0)
    assert darkening(0.0, 0.0) == 1.0
    assert darkening(1.0, 10.0) - 1.0 < 0.2 * (darkening(1.0, 0.0) - 1.0)
