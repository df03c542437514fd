"""Depth profiles: values, faces and the moving edge of a layer."""

import numpy as np
import pytest

import skinmech as sm
from skinmech.numerics import Status
from skinmech.trajectory import Trajectory
from skinmech_app.report.depths import profile
from skinmech_app.report.figures import depth_picture


@pytest.mark.parametrize(
    ("state", "grid", "thickness", "cells"),
    [
        ("cytokines.epidermis[IL-13]", "epidermis", "epidermal_thickness", 5),
        ("barrier.water", "corneum", "corneum_thickness", 4),
    ],
)
def test_profiles_follow_the_thickness_of_their_layer(state, grid, thickness, cells):
    model = sm.skin_model(corneum_cells=4, epidermis_cells=5)
    flat = np.asarray(model.initial_state(model.parameters()))
    found = Trajectory(
        model, np.array([0.0, 7.0, 14.0]), np.stack([flat] * 3),
        {thickness: np.array([100.0, 90.0, 80.0])}, Status.OK, 1, 0,
    )  # fmt: skip
    one = profile(found, state, grid, thickness)
    assert one.values.shape == (3, cells)
    assert one.faces.shape == (3, cells + 1)
    assert one.faces[:, 0] == pytest.approx(0.0)
    assert one.faces[:, -1] == pytest.approx([100.0, 90.0, 80.0])
    picture = depth_picture(state, {"a": one, "b": one}, "x [g/g]", "dermis", "Words.")
    assert "<svg" in picture.svg
    assert "n = 1" in picture.caption
