"""The comparator of the Miyano benchmark computes the same model as ours."""

import numpy as np
import pytest

from skinmech.native.build import NoCompiler, compiler
from skinmech.published.miyano import PUBLISHED_ARMS, arm
from skinmech.published.miyano_cohort import cohort, flat_arm, flat_rates
from skinmech.published.miyano_parameters import PUBLISHED_LOG_SD, typical_values


def test_comparator_has_our_right_hand_side():
    peer = pytest.importorskip("benchmarks.miyano_peer", reason="numba is not installed")
    rng = np.random.default_rng(0)
    for told in ({}, {"blocked": {"IL-13": 0.5, "TSLP": 0.9, "OX40L": 0.2}, "added_IFNg": 210.0}):
        values = typical_values() * np.exp(np.array(PUBLISHED_LOG_SD) * rng.normal(size=51))
        state, drugs = rng.uniform(0.1, 2.0, 14), flat_arm(arm(**told))
        ours = np.asarray(flat_rates(state, np.concatenate([values, drugs])))
        np.testing.assert_allclose(peer.rates(state, 0.0, values, drugs), ours, rtol=1e-12)


def test_cohort_follows_the_published_series(shared_data):
    try:
        compiler()
    except NoCompiler as error:
        pytest.skip(str(error))
    folder = shared_data / "models/miyano2022_atopic_dermatitis"
    table = folder / "reference_typical_patient_improvedEASI.csv"
    reference = np.loadtxt(table, delimiter=",", skiprows=1)
    arms = [arm(**told) for told in PUBLISHED_ARMS.values()]
    weeks = np.linspace(0.0, 24.0, len(reference))
    scores, status = cohort(typical_values()[None], arms, weeks, rtol=1e-8)
    assert not status.any()
    improvement = 100 * (1 - scores[0] / scores[0, :, :1])
    np.testing.assert_allclose(improvement.T, reference, rtol=1e-4, atol=1e-3)
