"""Free parameters: coordinates, priors, and what is refused."""

import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.modelling.parameters import Prior
from skinmech_calibration import CalibrationError
from skinmech_calibration.free import FreeParameter, free_set
from tests.calibration._fake import FIRST, THIRD


@pytest.fixture(scope="module")
def specs(model):
    return model.specifications()


def _bounded(specs):
    return next(spec for spec in specs.values() if spec.transform == "identity")


def test_coordinates_and_values_are_inverse(specs):
    for spec in (specs[FIRST], _bounded(specs)):
        one = FreeParameter(spec.path, spec.path, None, spec, spec.prior)
        for z in (-1.7, 0.0, 0.4, 2.1):
            value = float(one.to_natural(z))
            assert spec.bounds[0] <= value <= spec.bounds[1] or one.is_log
            assert one.to_coordinate(value) == pytest.approx(np.clip(z, *one.limits), abs=1e-9)
            step = 1e-6
            slope = (float(one.to_natural(z + step)) - float(one.to_natural(z - step))) / 2e-6
            assert float(one.slope(z)) == pytest.approx(slope, rel=1e-6)


def test_density_of_coordinates_integrates_to_the_prior_inside_the_bounds(specs):
    spec = _bounded(specs)
    low, high = spec.bounds
    prior = Prior("normal", low + 0.4 * (high - low), 0.08 * (high - low))
    found = free_set(specs, [FIRST, spec.path], {}, [], {spec.path: prior})
    for member in (0, 1):
        z = np.zeros((4001, 2))
        z[:, member] = np.linspace(-9, 9, 4001)
        other = found.members[1 - member]
        rest = float(other.prior.log_density(other.to_natural(0.0)) + jnp.log(other.slope(0.0)))
        density = np.exp([float(found.log_prior(row)) - rest for row in z[::10]])
        # The prior has 5 spreads of room on either side, so its mass outside is below 1e-6.
        assert np.trapezoid(density, z[::10, member]) == pytest.approx(1.0, abs=1e-5)


def test_the_centre_is_zero_and_a_base_value_moves_it(specs):
    found = free_set(specs, [FIRST], {FIRST: 1.1}, [])
    assert found.to_coordinates({}) == pytest.approx([0.0])
    assert float(found.to_natural(jnp.zeros(1))[0]) == pytest.approx(1.1)
    assert found.prior_spread(np.zeros(1)) == pytest.approx([1.0])


def test_every_problem_with_the_free_set_is_told_at_once(specs):
    donor = next(path for path, spec in specs.items() if spec.scope == "donor")
    with pytest.raises(CalibrationError) as caught:
        free_set(specs, ["tissue.lorycrin_reference", f"chip:{donor}", f"chop:{FIRST}", THIRD,
                         THIRD], {}, ["chip"])  # fmt: skip
    text = str(caught.value)
    assert "tissue.loricrin_reference" in text  # the nearest name
    assert "belongs to the donor" in text and "Nearest: chip" in text and "more than once" in text
    with pytest.raises(CalibrationError, match="at least one free parameter"):
        free_set(specs, [], {}, [])
