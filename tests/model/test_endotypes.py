"""Covariates move the skin the way they are known to; out of range they are named."""

import numpy as np
import pytest

import skinmech as sm
from skinmech.endotype import GENE_DOSE, Endotype, EndotypeError, saturated_vapour, seasons


@pytest.fixture(scope="module")
def resting(small):
    def skin(disease="healthy", **covariates):
        donor = Endotype(**covariates).parameters(small.model, sm.DONORS[disease])
        start = small.steady(parameters=donor, guess=sm.attractor(small, disease))
        found = small.simulate(sm.Protocol(1.0), parameters=donor, start=start, times=[0.0])
        return {name: float(value[0]) for name, value in found.values.items()}

    return skin


def test_nothing_known_changes_nothing(small):
    assert Endotype().parameters(small.model, sm.DONORS["atopic"]) == sm.DONORS["atopic"]


def test_old_skin_renews_slowly_with_less_lipid_and_young_skin_fast(resting):
    infant, adult, elderly = (resting(age_group=g) for g in ("infant", "adult", "elderly"))
    assert infant["turnover_time"] < adult["turnover_time"] < elderly["turnover_time"]
    assert infant["epidermal_thickness"] < adult["epidermal_thickness"]
    for skin in (infant, elderly):
        assert skin["easi"] < 3 and skin["pasi"] < 3, "no age is a disease"
        assert 5 <= skin["tewl"] <= 12


def test_phototype_darkens(resting):
    light, dark = resting(phototype="I"), resting(phototype="VI")
    assert dark["ita"] < light["ita"]


def test_the_axes_move_what_they_make(resting):
    usual = resting("atopic")
    assert resting("atopic", th2_score=1.0)["tissue_IL-13"] > usual["tissue_IL-13"]
    assert resting("atopic", th22_score=1.0)["tissue_IL-22"] > usual["tissue_IL-22"]
    assert resting("atopic", th1_score=1.0)["tissue_IFN-gamma"] > usual["tissue_IFN-gamma"]
    assert resting("atopic", s_aureus=3.0)["easi"] > usual["easi"]
    plaque = resting("psoriatic")
    assert resting("psoriatic", th17_score=1.0)["tissue_IL-17A"] > plaque["tissue_IL-17A"]


def test_every_problem_is_told_at_once(small):
    with pytest.raises(EndotypeError) as error:
        Endotype(3, "VII", "old", th2_score=9.0, s_aureus=-1.0).parameters(small.model)
    told = str(error.value)
    for word in ("filaggrin_null_alleles", "phototype", "age_group", "th2_score", "s_aureus"):
        assert word in told
    assert set(GENE_DOSE) == {0, 1, 2}


def test_vapour_is_that_of_the_tables():
    # Saturated vapour at 22 and 32 degrees, g/m3 (defaults of the surroundings).
    assert saturated_vapour(22.0) == pytest.approx(19.4, rel=0.01)
    assert saturated_vapour(32.0) == pytest.approx(33.8, rel=0.01)


def test_winter_air_is_dry_and_light_comes_in_summer():
    year = seasons(365.0, summer_light=0.02)
    air = [e for e in year if isinstance(e, sm.Change)]
    light = [e for e in year if isinstance(e, sm.Ultraviolet)]
    humidity = np.array([e.environment["relative_humidity"] for e in air])
    assert humidity.argmin() in (0, 12) and 5 <= humidity.argmax() <= 7
    assert 0.3 <= humidity.min() < 0.32 and 0.53 < humidity.max() <= 0.55
    assert len(light) == 52 and max(e.fluence for e in light) == pytest.approx(0.02, rel=0.01)
    assert sm.Protocol(365.0, year).steps()
