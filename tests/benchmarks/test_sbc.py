"""Simulation-based calibration in a light version: the machinery, and few donors that must fit."""

import numpy as np
import pytest

from benchmarks.sbc import FREE, judge, run


def test_verdicts_tell_right_posteriors_from_wrong_ones():
    random = np.random.default_rng(1)
    right = judge(random.random((400, len(FREE))))
    assert min(one["ecdf_p"] for one in right) > 0.05 / len(FREE)
    assert all(0.85 < one["coverage"] < 0.95 for one in right)
    narrow = judge(np.clip(0.5 + 1.5 * (random.random((400, len(FREE))) - 0.5), 0.0, 1.0))
    assert all(one["chi2_p"] < 1e-6 and one["ecdf_p"] < 1e-3 for one in narrow)
    shifted = judge(random.random((400, len(FREE))) ** 1.5)
    assert all(one["ecdf_p"] < 1e-4 for one in shifted)  # expected at 1e-7


@pytest.mark.timeout(600)
def test_eight_donors_lie_inside_their_posteriors():
    told = run(8, "laplace", 0, tell=False)
    assert told["not_converged"] == 0
    # Of forty intervals of 90 % a right posterior covers fewer than thirty once in 500 times.
    assert sum(one["coverage"] for one in told["parameters"]) * 8 >= 30
    assert np.shape(told["shares"]) == (8, len(FREE))
