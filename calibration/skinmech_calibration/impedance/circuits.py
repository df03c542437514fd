"""Equivalent circuits of a cell layer between electrodes, per unit membrane area.

Z is complex with **Im(Z) < 0 for a capacitor**, R in Ω·cm², C in F/cm², frequency in Hz. A
circuit is a pure function of a parameter vector, so that the same object serves the fit and, as
an observation model, a calibration.
"""

import math
from abc import abstractmethod
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

Weighting = Literal["largest", "modulus", "log_magnitude"]
"""Normalisation of residuals: see `fit_spectra`."""
ParameterVector = Float[Array, " parameter"]

_RESISTANCE = (0.05, 1.0e6)
"""Bounds of every resistance [Ω·cm²]."""
_LAYER_CAPACITANCE = (1.0e-8, 1.0e-4)
"""Bounds of a layer's capacitance [F/cm²]; the upper one is that of the published fits."""
_MEMBRANE_CAPACITANCE = (1.0e-8, 1.0e-5)
"""Bounds where a constant-phase element already takes up slow electrode effects [F/cm²]:
about 1 µF/cm² per membrane, up to ten of them in series or folded."""


def parallel(
    resistance: Float[Array, ""] | float,
    capacitance: Float[Array, ""] | float,
    frequency: Float[Array, " frequency"],
) -> Complex[Array, " frequency"]:
    """Impedance R/(1 + jωRC) of a resistor beside a capacitor [unit of R]."""
    return resistance / (1 + 2j * math.pi * frequency * resistance * capacitance)


def constant_phase(
    magnitude: Float[Array, ""] | float,
    exponent: Float[Array, ""] | float,
    frequency: Float[Array, " frequency"],
) -> Complex[Array, " frequency"]:
    """Impedance 1/(Q·(jω)ⁿ) of a polarised electrode, Q [sⁿ⁻¹·F/cm²].

    Written with real powers because the gradient of a complex power is undefined at ω = 0.
    """
    angle = -0.5 * math.pi * exponent
    size = 1 / (magnitude * (2 * math.pi * frequency) ** exponent)
    return size * (jnp.cos(angle) + 1j * jnp.sin(angle))


class AbstractCircuit(eqx.Module):
    """A circuit: named, bounded parameters and the impedance they give."""

    name: eqx.AbstractVar[str]
    parameters: eqx.AbstractVar[tuple[str, ...]]
    units: eqx.AbstractVar[tuple[str, ...]]
    lower: eqx.AbstractVar[tuple[float, ...]]
    upper: eqx.AbstractVar[tuple[float, ...]]
    barrier_elements: eqx.AbstractVar[tuple[str, ...]]
    """Resistances whose sum is reported as TEER."""
    electrodes: eqx.AbstractVar[tuple[int, ...]]
    """Electrode counts for which the circuit is meant."""
    weighting: eqx.AbstractVar[Weighting]
    """Normalisation of the residuals in a fit."""

    @abstractmethod
    def impedance(
        self, values: ParameterVector, frequency: Float[Array, " frequency"]
    ) -> Complex[Array, " frequency"]:
        """Impedance [Ω·cm²] of parameters in the order of `parameters`."""

    @abstractmethod
    def starts(
        self, real_least: Float[Array, ""], real_range: Float[Array, ""]
    ) -> Float[Array, "start parameter"]:
        """Start vectors of a fit from the least real part and its range [Ω·cm²]."""

    @abstractmethod
    def layers(self, values: ParameterVector) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """(R, C) of the layer with the smallest capacitance: the cell membranes."""

    @abstractmethod
    def total_capacitance(self, values: ParameterVector) -> Float[Array, ""]:
        """Capacitance of all barrier elements in series [F/cm²]."""


def _grid(*axes: tuple[float, ...]) -> np.ndarray:
    """Every combination of the values on the axes, shape (start, axis)."""
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=-1)


class SingleLayer(AbstractCircuit):
    """R_s + (R ‖ C): four electrodes over one layer."""

    name: str = eqx.field(default="R-RC", static=True)
    parameters: tuple[str, ...] = eqx.field(default=("R_s", "R_1", "C_1"), static=True)
    units: tuple[str, ...] = eqx.field(default=("ohm*cm^2", "ohm*cm^2", "F/cm^2"), static=True)
    lower: tuple[float, ...] = eqx.field(
        default=(_RESISTANCE[0], _RESISTANCE[0], _LAYER_CAPACITANCE[0]), static=True
    )
    upper: tuple[float, ...] = eqx.field(
        default=(_RESISTANCE[1], _RESISTANCE[1], _LAYER_CAPACITANCE[1]), static=True
    )
    barrier_elements: tuple[str, ...] = eqx.field(default=("R_1",), static=True)
    electrodes: tuple[int, ...] = eqx.field(default=(4,), static=True)
    weighting: Weighting = eqx.field(default="largest", static=True)

    def impedance(self, values, frequency):
        """R_s + R/(1 + jωRC) [Ω·cm²]."""
        R_s, R, C = values
        return R_s + parallel(R, C, frequency)

    def starts(self, real_least, real_range):
        """Three splits of the resistance by six capacitances."""
        share, C = _grid((0.5, 0.9, 1.1), (1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 5e-5)).T
        R_s = real_least * jnp.ones_like(share)
        return jnp.stack([R_s, real_range * share, jnp.asarray(C)], axis=-1)

    def layers(self, values):
        """The one layer."""
        return values[1], values[2]

    def total_capacitance(self, values):
        """C [F/cm²]."""
        return values[2]


class TwoLayer(AbstractCircuit):
    """R_sol + (R_1 ‖ C_1) + (R_2 ‖ C_2): TEER = R_1 + R_2, C = C_1·C_2/(C_1 + C_2).

    Source: Lewallen and Chien, bio-protocol 5341 (circuit "RCRC" of the published fits). In
    their sweeps one pair is a slow element (C near 100 µF/cm²) which a membrane cannot be; the
    sum is reported for agreement with the publication, and the membrane pair beside it.
    """

    name: str = eqx.field(default="R-RC-RC", static=True)
    parameters: tuple[str, ...] = eqx.field(
        default=("R_sol", "R_1", "C_1", "R_2", "C_2"), static=True
    )
    units: tuple[str, ...] = eqx.field(
        default=("ohm*cm^2", "ohm*cm^2", "F/cm^2", "ohm*cm^2", "F/cm^2"), static=True
    )
    lower: tuple[float, ...] = eqx.field(
        default=(_RESISTANCE[0], *(_RESISTANCE[0], _LAYER_CAPACITANCE[0]) * 2), static=True
    )
    upper: tuple[float, ...] = eqx.field(
        default=(_RESISTANCE[1], *(_RESISTANCE[1], _LAYER_CAPACITANCE[1]) * 2), static=True
    )
    barrier_elements: tuple[str, ...] = eqx.field(default=("R_1", "R_2"), static=True)
    electrodes: tuple[int, ...] = eqx.field(default=(4,), static=True)
    weighting: Weighting = eqx.field(default="largest", static=True)

    def impedance(self, values, frequency):
        """R_sol + R_1/(1 + jωR_1C_1) + R_2/(1 + jωR_2C_2) [Ω·cm²]."""
        R_sol, R_1, C_1, R_2, C_2 = values
        return R_sol + parallel(R_1, C_1, frequency) + parallel(R_2, C_2, frequency)

    def starts(self, real_least, real_range):
        """Three splits by three fast and four slow capacitances: 36 starts."""
        share, C_1, C_2 = _grid((0.2, 0.6, 0.9), (3e-7, 1e-6, 3e-6), (5e-7, 3e-6, 2e-5, 8e-5)).T
        R_sol = real_least * jnp.ones_like(share)
        R_1, R_2 = real_range * share, real_range * (1 - share)
        return jnp.stack([R_sol, R_1, jnp.asarray(C_1), R_2, jnp.asarray(C_2)], axis=-1)

    def layers(self, values):
        """The pair with the smaller capacitance."""
        first = values[2] <= values[4]
        return jnp.where(first, values[1], values[3]), jnp.where(first, values[2], values[4])

    def total_capacitance(self, values):
        """C_1·C_2/(C_1 + C_2) [F/cm²]."""
        return values[2] * values[4] / (values[2] + values[4])


class PolarisedLayer(AbstractCircuit):
    """R_med + CPE + (TER ‖ C_cl) + (R_ins ‖ C_ins): two electrodes.

    The constant-phase element stands for electrode polarisation; the bare insert is a fixed
    element found on blank wells (0 where there is none), never fitted with the cells: both
    together are not identifiable in leaky layers. Source: circuit of the cellZscope software.
    """

    insert_resistance: Float[Array, ""] | float = 0.0
    """R_ins of the bare insert [Ω·cm²]."""
    insert_capacitance: Float[Array, ""] | float = 0.0
    """C_ins of the bare insert [F/cm²]."""
    name: str = eqx.field(default="R-CPE-RC", static=True)
    parameters: tuple[str, ...] = eqx.field(
        default=("R_med", "Q_el", "n_el", "TER", "C_cl"), static=True
    )
    units: tuple[str, ...] = eqx.field(
        default=("ohm*cm^2", "s^(n-1)*F/cm^2", "1", "ohm*cm^2", "F/cm^2"), static=True
    )
    lower: tuple[float, ...] = eqx.field(
        default=(_RESISTANCE[0], 1e-7, 0.4, _RESISTANCE[0], _MEMBRANE_CAPACITANCE[0]), static=True
    )
    upper: tuple[float, ...] = eqx.field(
        default=(_RESISTANCE[1], 1e-2, 1.0, _RESISTANCE[1], _MEMBRANE_CAPACITANCE[1]), static=True
    )
    barrier_elements: tuple[str, ...] = eqx.field(default=("TER",), static=True)
    electrodes: tuple[int, ...] = eqx.field(default=(2,), static=True)
    weighting: Weighting = eqx.field(default="log_magnitude", static=True)

    def impedance(self, values, frequency):
        """R_med + 1/(Q(jω)ⁿ) + TER/(1 + jω·TER·C_cl) + insert [Ω·cm²]."""
        R_med, Q, n, TER, C_cl = values
        insert = parallel(self.insert_resistance, self.insert_capacitance, frequency)
        electrode = constant_phase(Q, n, frequency)
        return R_med + electrode + parallel(TER, C_cl, frequency) + insert

    def starts(self, real_least, real_range):
        """Three electrode magnitudes, four layer resistances, three capacitances: 36 starts."""
        Q, share, C = _grid((1e-5, 4e-5, 2e-4), (0.003, 0.03, 0.3, 0.9), (3e-7, 1e-6, 4e-6)).T
        R_med = real_least * jnp.ones_like(share)
        n = 0.85 * jnp.ones_like(share)
        return jnp.stack([R_med, jnp.asarray(Q), n, real_range * share, jnp.asarray(C)], axis=-1)

    def layers(self, values):
        """The cell layer."""
        return values[3], values[4]

    def total_capacitance(self, values):
        """C_cl [F/cm²]."""
        return values[4]


def find_circuit(name: str) -> AbstractCircuit:
    """Circuit of a name, "R-RC", "R-RC-RC" or "R-CPE-RC".

    Raises:
        ValueError: For any other name.
    """
    known = {c.name: c for c in (SingleLayer(), TwoLayer(), PolarisedLayer())}
    if name not in known:
        expected = ", ".join(f"'{key}'" for key in known)
        raise ValueError(f"Unrecognized circuit: '{name}'. Expected one of {expected}.")
    return known[name]
