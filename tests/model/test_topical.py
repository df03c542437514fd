"""What is put on the skin goes through the corneum as the model has it."""

import pytest

import skinmech as sm
from skinmech_calibration.trial.diseases import DISEASES

LESION = {"psoriasis": "psoriatic", "atopic dermatitis": "atopic", "vitiligo": "healthy"}


@pytest.fixture(scope="module")
def day(default, attractors):
    """One day of a disease under some events, observed at its beginning and end."""

    def run(disease, *events):
        return default.simulate(
            sm.Protocol("1 day", events),
            parameters=sm.DONORS[disease],
            start=attractors[disease],
            times=[0.0, 1.0],
        )

    return run


def test_drugs_find_the_barrier_that_water_finds(day):
    healthy = day("healthy")
    assert healthy["corneum_permeability"][0] == pytest.approx(1.0, rel=0.01)
    for disease in ("atopic", "psoriatic"):
        lesion = day(disease)
        water = lesion["tewl"][0] / healthy["tewl"][0]
        # Water also feels humidity and moisturising factor, drugs do not.
        assert lesion["corneum_permeability"][0] == pytest.approx(water, rel=0.3)


@pytest.mark.parametrize("disease", DISEASES, ids=lambda one: one.name)
def test_the_population_has_the_barrier_of_the_untreated_lesion(day, disease):
    lesion = day(LESION[disease.name])["corneum_permeability"][0]
    assert disease.permeability == pytest.approx(lesion, rel=0.02)


def test_more_enters_through_a_lesion_and_through_stripped_skin(day):
    dose = sm.Dose("hydrocortisone", "2 mg/cm**2", "0.1 day")

    def level(disease, *events):
        return day(disease, dose, *events)["drug_concentration"][-1]

    intact = level("healthy")
    assert 1.2 * intact < level("healthy", sm.TapeStrips(15, "0.05 day"))
    assert 3.0 * intact < level("atopic")
