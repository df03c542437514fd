"""Immediate and persistent darkening: UVA makes the melanin that is there darker."""

import math
from dataclasses import dataclass

from ..observables.optics import SkinLayers


@dataclass(frozen=True)
class Darkening:
    """Darkening of melanin by UVA.

    Attributes:
        immediate_gain: Relative gain in absorption at full immediate darkening [1]; set so that
            1 J/cm², its published threshold, lowers L* of phototype III by a visible 0.8.
        immediate_half: UVA of half of it [J/cm²]; assumed.
        immediate_life: Mean life [minute]; published 1.4.
        persistent_gain: The same of persistent darkening, whose threshold is 11 J/cm².
        persistent_half: UVA of half of it [J/cm²]; assumed.
        persistent_life: Mean life [minute]; assumed half a day.
    """

    immediate_gain: float = 0.41
    immediate_half: float = 4.0
    immediate_life: float = 1.4
    persistent_gain: float = 0.46
    persistent_half: float = 44.0
    persistent_life: float = 720.0


def darkening(uva: float, minutes: float, law: Darkening | None = None) -> float:
    """Factor on the absorption of melanin some time after UVA.

        1 + Σ g H/(H + H_½) e^(−t/τ)    over immediate and persistent darkening

    Melanin that is oxidised absorbs more; none is made. Darker skin therefore darkens more. The
    action spectrum is taken to be flat over 320 to 400 nm; published ones fall by about threefold.

    Args:
        uva: H, energy from 320 to 400 nm [J/cm²].
        minutes: t since the exposure [minute].
        law: Default `Darkening()`.
    """
    law = Darkening() if law is None else law
    immediate = law.immediate_gain * uva / (uva + law.immediate_half)
    persistent = law.persistent_gain * uva / (uva + law.persistent_half)
    return (
        1.0
        + immediate * math.exp(-minutes / law.immediate_life)
        + persistent * math.exp(-minutes / law.persistent_life)
    )


def darkened(layers: SkinLayers, uva: float, minutes: float) -> SkinLayers:
    """Layers whose melanin absorbs as it does some time after UVA, see `darkening`."""
    factor = darkening(uva, minutes)
    return layers._replace(
        eumelanin=layers.eumelanin * factor, pheomelanin=layers.pheomelanin * factor
    )
