"""One small coupled model and one of the default grid, shared by the tests of this folder."""

import pytest

import skinmech as sm


@pytest.fixture(scope="session")
def small():
    """Simulator on a coarse grid: quick to compile, all sub-models present."""
    return sm.simulator(sm.skin_model(corneum_cells=6, epidermis_cells=8))


@pytest.fixture(scope="session")
def default():
    """Simulator of the default model."""
    return sm.simulator(sm.skin_model())


@pytest.fixture(scope="session")
def attractors(default):
    """The three attractors of the default model, flat scaled states."""
    return {disease: sm.attractor(default, disease) for disease in sm.DONORS}
