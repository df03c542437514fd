"""Impedance that a modelled tissue would show: the observation model of electrical data.

Predicting Z(f), or the reading of the instrument, and comparing it with the raw recording is
preferred over comparing with a derived TEER, which carries the choices of a fit.
"""

import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from skinmech_calibration.impedance.circuits import constant_phase, parallel

Scalar = Float[Array, ""] | float

EVOM_FREQUENCY = 12.5
"""Frequency of the alternating current of hand-held volt-ohm meters [Hz]."""


def impedance_of_tissue(
    frequency: Float[Array, " frequency"],
    teer: Scalar,
    layer_capacitance: Scalar,
    medium_resistance: Scalar,
    area: Scalar,
    *,
    geometry_factor: Scalar = 1.0,
    slow_resistance: Scalar = 0.0,
    slow_capacitance: Scalar = 0.0,
    insert_resistance: Scalar = 0.0,
    insert_capacitance: Scalar = 0.0,
    electrode: tuple[Scalar, Scalar] | None = None,
) -> Complex[Array, " frequency"]:
    """Z = R_med + [R‖C + R_slow‖C_slow + R_ins‖C_ins (+ CPE)]/A, differentiable in all scalars.

    Args:
        frequency: Frequencies [Hz], all positive.
        teer: Resistance of the cell layer [Ω·cm²].
        layer_capacitance: Its capacitance [F/cm²].
        medium_resistance: Resistance of medium and leads [Ω].
        area: Membrane area [cm²].
        geometry_factor: Correction by which the device's R·A is multiplied to give TEER; the
            layer's impedance is divided by it here.
        slow_resistance: Slow element seen in some four-electrode sweeps [Ω·cm²].
        slow_capacitance: Its capacitance [F/cm²].
        insert_resistance: Bare insert [Ω·cm²].
        insert_capacitance: Its capacitance [F/cm²].
        electrode: (Q [sⁿ⁻¹·F/cm²], n [-]) of the constant-phase element of two-electrode
            devices; None for four electrodes.

    Returns:
        Complex impedance [Ω], Im < 0 for the capacitive layer.
    """
    layer = parallel(teer / geometry_factor, layer_capacitance * geometry_factor, frequency)
    specific = (
        layer
        + parallel(slow_resistance, slow_capacitance, frequency)
        + parallel(insert_resistance, insert_capacitance, frequency)
    )
    if electrode is not None:
        specific = specific + constant_phase(*electrode, frequency)
    return medium_resistance + specific / area


def single_frequency_resistance(
    teer: Scalar,
    layer_capacitance: Scalar,
    medium_resistance: Scalar,
    area: Scalar,
    frequency: Scalar = EVOM_FREQUENCY,
    **elements,
) -> Float[Array, ""]:
    """Re(Z) at one frequency [Ω]: what a volt-ohm meter shows, blank included.

    Args:
        teer: Resistance of the cell layer [Ω·cm²].
        layer_capacitance: Its capacitance [F/cm²].
        medium_resistance: Resistance of medium and leads [Ω].
        area: Membrane area [cm²].
        frequency: Frequency [Hz].
        **elements: Further elements, as in `impedance_of_tissue`.

    Returns:
        Resistance [Ω]. The real part, as in the published 12.5 Hz values of Lewallen and Chien.
    """
    z = impedance_of_tissue(
        jnp.asarray([frequency]), teer, layer_capacitance, medium_resistance, area, **elements
    )
    return z[0].real
