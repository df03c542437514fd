"""Published SBML models against reference trajectories and steady states."""

import numpy as np
import pytest

pytest.importorskip("libsbml", reason="the extra petab is not installed")

from skinmech_calibration.interchange import read_sbml


@pytest.mark.parametrize("number", ["585", "695"])
def test_biomodels_follow_their_reference(shared_data, number):
    folder = shared_data / "models" / "biomodels"
    reference = np.genfromtxt(
        folder / f"BIOMD0000000{number}_roadrunner.csv", delimiter=",", names=True
    )
    found = read_sbml(folder / f"BIOMD0000000{number}.xml").simulate(reference["time"])
    for name in reference.dtype.names[1:]:
        # The reference was run with an absolute tolerance: at the first instants, below 1e-7 of a
        # species' range, it is off by 4e-4 of values that ours give alike at rtol 1e-8 and 1e-12.
        floor = 1e-7 * np.max(np.abs(reference[name])) + 1e-300
        scale = np.maximum(np.abs(reference[name]), floor)
        assert np.max(np.abs(found[name] - reference[name]) / scale) < 1e-4, name


STATES = {
    "healthy": dict(SC=3947.21, TA=22224.37, D=50529.32, T=1556.09, DC=1563.06, IL17=21.32,
                    TNF=21.32, IL23=42.82, GF=717.03),
    "psoriatic": dict(SC=12544.23, TA=70349.64, D=173504.1, T=4782.97, DC=4804.4, IL17=65.52,
                      IL23=131.63),
    "between": dict(SC=4855.46),
}  # fmt: skip
"""Of Shmarov et al. 2022, as their file gives them."""


@pytest.fixture(scope="module")
def psoriasis(shared_data):
    return read_sbml(shared_data / "models" / "shmarov2022_psoriasis" / "psor_v8_4.xml")


@pytest.mark.parametrize(("state", "size"), [("healthy", 1.02), ("psoriatic", 3.1),
                                             ("between", 1.22)])  # fmt: skip
def test_psoriasis_has_its_three_steady_states(psoriasis, state, size):
    names = {name: key for key, name in psoriasis.names.items()}
    cells = ("SC", "TA", "D", "T", "DC", "IL17", "TNF", "IL23", "GF")
    guess = {names[n]: size * psoriasis.description.species[names[n]].concentration for n in cells}
    found = psoriasis.steady_state(guess, by="newton")
    for name, value in STATES[state].items():
        assert found[names[name]] == pytest.approx(value, rel=1e-4, abs=0.006), name


def test_psoriasis_flares_and_clears_under_its_own_events(psoriasis):
    # A stimulus at day 150 makes healthy skin psoriatic, 25 sessions from day 300 clear it.
    names = {name: key for key, name in psoriasis.names.items()}
    found = psoriasis.simulate([0.0, 140.0, 290.0, 900.0])[names["SC"]]
    assert found[:3] == pytest.approx([3947.21, 3947.21, 12544.23], rel=1e-4)
    assert found[3] == pytest.approx(3947.21, rel=1e-3)


def test_healthy_psoriasis_model_is_steady_in_time(psoriasis):
    names = {name: key for key, name in psoriasis.names.items()}
    assert psoriasis.steady_state()[names["TA"]] == pytest.approx(22224.37, rel=1e-4)
