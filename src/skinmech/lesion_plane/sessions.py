"""A course of laser sessions on the lesion plane: pulses on given days."""

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from ..observables.optics import SkinLayers
from .laser import Laser, pulse_on_plane
from .parameters import LesionParameters
from .plane import Course, Plane, PlaneState, simulate_plane


@dataclasses.dataclass(frozen=True)
class Session:
    """A pulse as an event.

    Attributes:
        day: When; a whole number of days.
        laser: The pulse.
        centre: Where [mm]; default the middle of the plane.
    """

    day: int
    laser: Laser
    centre: tuple[float, float] | None = None


def simulate_sessions(
    plane: Plane,
    start: PlaneState,
    light: float,
    sessions: Sequence[Session],
    layers: SkinLayers,
    params: LesionParameters | None = None,
    *,
    days: int = 168,
    save_every: int = 14,
) -> Course:
    """A patch of skin through time, with laser pulses on the days of their sessions.

    A saved day shows the skin before that day's pulse. Several sessions of one day are applied in
    their order.

    Args:
        plane: The patch.
        start: Fields at day zero.
        light: Daily mean UVB [J/cm²].
        sessions: In any order.
        layers: Healthy skin of the patient, for the optics of the pulse.
        params: In declared units.
        days: How long; a whole number of `save_every`.
        save_every: Days between saved states.

    Raises:
        ValueError: sessions outside the course, or lengths that do not divide; all are told.
    """
    outside = [s.day for s in sessions if s.day != int(s.day) or not 0 <= s.day < days]
    problems = []
    if outside:
        told = ", ".join(f"{day:g}" for day in outside)
        problems.append(f"Expected whole days from 0 to before {days} for sessions, got {told}.")
    if days % save_every:
        problems.append(f"Expected days as a multiple of save_every, got {days} and {save_every}.")
    if problems:
        raise ValueError("\n".join(problems))
    state, saved = start, []
    for day in range(days):
        if day % save_every == 0:
            saved.append(state)
        for session in sessions:
            if session.day == day:
                state = pulse_on_plane(plane, state, session.laser, layers, session.centre)
        after = simulate_plane(plane, state, light, params, days=1.0, save_every=1.0).state
        state = jax.tree.map(lambda field: field[-1], after)
    saved.append(state)
    stacked = jax.tree.map(lambda *fields: jnp.stack(fields), *saved)
    return Course(np.arange(0, days + 1, save_every, dtype=float), stacked)
