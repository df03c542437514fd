"""Patches as clinics see them: where follicles stand, and what the lesion looks like at first."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .plane import Plane, PlaneState, resting_state

Field = Float[Array, "y x"]


def _places(plane: Plane) -> tuple[np.ndarray, np.ndarray]:
    cells = plane.set_point.shape[0]
    at = (np.arange(cells) + 0.5) * plane.size / cells
    return np.meshgrid(at, at)


def _disc(plane: Plane, radius: float, edge: float, seed: int) -> Field:
    """1 inside a wavy disc about the centre, 0 outside, with a soft edge [mm]."""
    x, y = _places(plane)
    dx, dy = x - plane.size / 2, y - plane.size / 2
    angle = np.arctan2(dy, dx)
    phases = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, 3)
    waves = [0.06 * np.sin(k * angle + q) for k, q in zip((2, 3, 5), phases, strict=True)]
    reach = radius * (1.0 + np.sum(waves, axis=0))
    outside = np.clip((np.hypot(dx, dy) - reach) / edge, -40.0, 40.0)
    return jnp.asarray(1.0 / (1.0 + np.exp(outside)))


def follicles(
    plane: Plane, per_square_centimetre: float = 18.0, *, radius: float = 0.12, seed: int = 0
) -> Plane:
    """The plane with hair follicles that hold melanocytes, placed at random, not crowded.

    Args:
        plane: The patch.
        per_square_centimetre: Density; trunk and limbs have about 14 to 22 (Otberg and others
            2004), glabrous skin none. White hair holds no reservoir: pass 0.
        radius: Of a follicle's mouth [mm]; assumed.
        seed: Of the places.
    """
    wanted = round(per_square_centimetre * (plane.size / 10.0) ** 2)
    random = np.random.default_rng(seed)
    placed: list[np.ndarray] = []
    closest = 0.5 * plane.size / max(np.sqrt(wanted), 1.0)
    while len(placed) < wanted:
        spot = random.uniform(0.0, plane.size, 2)
        if all(np.hypot(*(spot - other)) > closest for other in placed):
            placed.append(spot)
    x, y = _places(plane)
    held = np.zeros_like(x)
    # A mouth narrower than a cell keeps its area.
    width = max(radius, plane.size / plane.set_point.shape[0] / 2.0)
    for spot in placed:
        near = np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / (2.0 * width**2))
        held += near * (radius / width) ** 2
    return eqx.tree_at(lambda p: p.reservoir, plane, jnp.asarray(np.minimum(held, 1.0)))


def vitiligo_patch(
    plane: Plane, radius: float = 7.0, *, activity: float = 0.0, seed: int = 1
) -> PlaneState:
    """White skin inside, healthy outside; `activity` (0 to 1) of T cells at the margin.

    Args:
        plane: The patch.
        radius: Of the lesion [mm].
        activity: T cells along the margin; 0 is a stable lesion.
        seed: Of the lesion's outline.
    """
    white = _disc(plane, radius, 0.04, seed)
    wide = _disc(plane, radius, 0.4, seed)
    rim = 4.0 * wide * (1.0 - wide)
    state = resting_state(plane)
    return state._replace(
        melanocytes=1.0 - white,
        melanin=(1.0 - white) * plane.set_point,
        infiltrate=activity * rim,
        interferon=activity * rim,
    )


def inflamed_patch(plane: Plane, radius: float = 5.0, *, seed: int = 2) -> PlaneState:
    """Healthy pigment under an inflammation that has just begun to fade."""
    return resting_state(plane)._replace(inflammation=_disc(plane, radius, 0.5, seed))


def melasma_patch(
    plane: Plane,
    radius: float = 6.0,
    *,
    excess: float = 0.2,
    sensitivity: float = 2.0,
    seed: int = 3,
) -> Plane:
    """The plane with a patch of raised set-point and sensitivity to light.

    Args:
        plane: The patch.
        radius: Of the melasma [mm].
        excess: Pigment aimed at above healthy, in the dark; assumed.
        sensitivity: To light, over healthy; assumed.
        seed: Of the outline.
    """
    inside = _disc(plane, radius, 0.5, seed)
    return eqx.tree_at(
        lambda p: (p.set_point, p.sensitivity),
        plane,
        (1.0 + excess * inside, 1.0 + (sensitivity - 1.0) * inside),
    )
