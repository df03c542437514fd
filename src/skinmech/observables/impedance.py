"""The electrical impedance that electrodes on both sides of the tissue measure."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..modelling.parameters import AbstractParameters, parameter
from ..modelling.ports import Named, observable
from ..modelling.submodel import AbstractReadout

Scalar = Float[Array, ""]

FREQUENCIES = {
    "1_Hz": 1.0,
    "3_Hz": 3.0,
    "10_Hz": 10.0,
    "30_Hz": 30.0,
    "100_Hz": 100.0,
    "300_Hz": 300.0,
    "1_kHz": 1e3,
    "3_kHz": 3e3,
    "10_kHz": 1e4,
    "30_kHz": 3e4,
    "100_kHz": 1e5,
}
"""Frequencies [Hz] at which the impedance is reported, by the end of the observable's name."""


class ImpedanceParameters(AbstractParameters):
    """What a sweep shows besides the tissue's two resistances."""

    medium_resistance: Scalar = parameter(
        40.0,
        "dimensionless",
        "Resistance of medium, membrane and electrodes in series [ohm cm2]",
        source="assumed",
        evidence="assumed",
        bounds=(0.1, 2000.0),
        scope="study",
    )
    tight_junction_capacitance: Scalar = parameter(
        9.0,
        "dimensionless",
        "Capacitance of the living layers' membranes [uF/cm2]",
        source="assumed",
        evidence="assumed",
        bounds=(0.05, 200.0),
        scope="study",
    )
    corneum_capacitance: Scalar = parameter(
        0.1,
        "dimensionless",
        "Capacitance of the stratum corneum [uF/cm2]",
        source="assumed",
        evidence="assumed",
        bounds=(0.001, 50.0),
        scope="study",
    )
    ideality: Scalar = parameter(
        0.95,
        "dimensionless",
        "Exponent of both constant-phase elements; 1 is a perfect capacitor",
        source="assumed",
        evidence="assumed",
        bounds=(0.5, 1.0),
        scope="study",
    )


class Impedance(AbstractReadout):
    """Magnitude and phase of the impedance at fixed frequencies.

    Medium, living layers and corneum stand in series; each layer is its resistance, which the
    barrier gives, with a constant-phase element across it:

        Z(ω) = R_m + Σ_layers R / (1 + (iωRC)^n)

    So a sweep is compared as it was measured, and no equivalent circuit has to be fitted first.
    """

    name = "impedance"
    Parameters = ImpedanceParameters
    observables = (
        *(
            observable(
                f"impedance_{label}",
                "dimensionless",
                f"Magnitude of the impedance at {label.replace('_', ' ')} [ohm cm2]",
                noise_size=0.05,
            )
            for label in FREQUENCIES
        ),
        *(
            observable(
                f"impedance_phase_{label}",
                "dimensionless",
                f"Phase of the impedance at {label.replace('_', ' ')} [degree]",
                noise="additive",
                noise_size=2.0,
            )
            for label in FREQUENCIES
        ),
    )

    def observe(self, states: Any, ports: Named, params: Any, grids: Any) -> dict[str, Any]:
        """See `observables`."""
        junctions = ports.tight_junction_teer
        resistances = jnp.stack([junctions, ports.teer - junctions])
        capacitances = jnp.stack([params.tight_junction_capacitance, params.corneum_capacitance])
        omega = 2.0 * np.pi * np.array(list(FREQUENCIES.values()))
        charging = omega * (1e-6 * resistances * capacitances)[:, None]
        size = charging**params.ideality
        angle = 0.5 * jnp.pi * params.ideality
        share = resistances[:, None] / (1.0 + 2.0 * size * jnp.cos(angle) + size**2)
        real = params.medium_resistance + jnp.sum(share * (1.0 + size * jnp.cos(angle)), axis=0)
        imaginary = -jnp.sum(share * size * jnp.sin(angle), axis=0)
        magnitude = jnp.sqrt(real**2 + imaginary**2)
        phase = jnp.rad2deg(jnp.arctan2(imaginary, real))
        values = {f"impedance_{label}": magnitude[i] for i, label in enumerate(FREQUENCIES)}
        return values | {
            f"impedance_phase_{label}": phase[i] for i, label in enumerate(FREQUENCIES)
        }
