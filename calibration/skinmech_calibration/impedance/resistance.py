"""Transepithelial electrical resistance from impedance sweeps."""

from collections.abc import Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from skinmech_calibration.impedance.circuits import (
    AbstractCircuit,
    PolarisedLayer,
    TwoLayer,
    find_circuit,
)
from skinmech_calibration.impedance.fit import SpectrumFit, fit_spectra, standard_deviation
from skinmech_calibration.impedance.quality import CleanSweep, assess, clean_sweep, sweep_reasons

_DEFAULT: dict[int, AbstractCircuit] = {4: TwoLayer(), 2: PolarisedLayer()}


@dataclass(frozen=True)
class TeerResult:
    """TEER of one sweep, with all that is needed to compare it with another laboratory's.

    Resistances are in Ω·cm², capacitances in F/cm², frequencies in Hz.
    """

    teer: float
    """Sum of `summed_elements` × `geometry_factor`; NaN when not accepted."""
    teer_sd: float
    """Standard deviation from the fit; NaN when not accepted."""
    membrane_resistance: float
    """Resistance of the element with the smallest capacitance alone; no geometry factor."""
    membrane_capacitance: float
    capacitance: float
    """Capacitance of all summed elements in series."""
    capacitance_sd: float
    series_resistance: float
    """Resistance of medium and blank membrane."""
    circuit: str
    summed_elements: tuple[str, ...]
    parameters: dict[str, float]
    parameter_sd: dict[str, float]
    """0 for a parameter on a bound or held."""
    units: dict[str, str]
    parameters_at_bound: tuple[str, ...]
    residual_sum: float
    num_points: int
    num_dropped: int
    """Rows of frequency 0 or without a finite value."""
    frequency_window: tuple[float, float]
    area: float
    """Membrane area [cm²] as given; never read from a potentiostat file."""
    electrodes: int
    blank: float | None
    """Series resistance held in the fit [Ω]."""
    insert: tuple[float, float] | None
    """Fixed element (R [Ω·cm²], C [F/cm²]) of the bare insert."""
    geometry_factor: float
    accepted: bool
    reasons: tuple[str, ...]
    """Why the sweep was refused."""
    flags: tuple[str, ...]

    def real_part(self, frequency: float = 12.5) -> float:
        """Re(Z)·A of the fitted circuit [Ω·cm²], by default where an EVOM reads."""
        circuit = _circuit(self.circuit, self.electrodes, self.insert)
        values = jnp.asarray([self.parameters[name] for name in circuit.parameters])
        return float(circuit.impedance(values, jnp.asarray([frequency]))[0].real)


def _circuit(
    circuit: AbstractCircuit | str | None, electrodes: int, insert: tuple[float, float] | None
) -> AbstractCircuit:
    """Circuit of the arguments, with its insert element."""
    if electrodes not in _DEFAULT:
        raise ValueError(f"Unsupported number of electrodes: {electrodes}. Expected 2 or 4.")
    if circuit is None:
        chosen = _DEFAULT[electrodes]
    else:
        chosen = find_circuit(circuit) if isinstance(circuit, str) else circuit
    if insert is None:
        return chosen
    if not isinstance(chosen, PolarisedLayer):
        raise ValueError(
            f"Unsupported insert element in circuit '{chosen.name}'. Expected 'R-CPE-RC'; with "
            "four electrodes the blank insert belongs to the series resistance (`blank`)."
        )
    return eqx.tree_at(lambda c: (c.insert_resistance, c.insert_capacitance), chosen, tuple(insert))


def _capacitances(circuit: AbstractCircuit, values: dict[str, float]) -> dict[str, float]:
    return {name: values[name] for name in circuit.parameters if name.startswith("C_")}


def _result(
    circuit: AbstractCircuit,
    fit: SpectrumFit,
    sweep: CleanSweep,
    early_reasons: tuple[str, ...],
    context: dict,
) -> TeerResult:
    """Assemble one result from the fit of one sweep (leaves without batch axis)."""
    names = circuit.parameters
    vector = jnp.asarray(fit.values)
    summed = jnp.asarray([float(name in circuit.barrier_elements) for name in names])
    uncorrected = float(summed @ vector)
    sd = standard_deviation(summed, fit.values, fit.log_covariance)
    capacitance, gradient = jax.value_and_grad(circuit.total_capacitance)(vector)
    layer_resistance, layer_capacitance = (float(x) for x in circuit.layers(vector))
    values = {name: float(x) for name, x in zip(names, fit.values, strict=True)}
    bound_names = tuple(n for n, hit in zip(names, fit.at_bound, strict=True) if hit)
    reasons, flags = early_reasons, ()
    if not early_reasons:
        reasons, flags = assess(
            frequency=sweep.frequency,
            residual_sum=float(fit.residual_sum),
            converged=bool(fit.converged),
            bound_names=bound_names,
            barrier_elements=circuit.barrier_elements,
            capacitances=_capacitances(circuit, values),
            teer=uncorrected,
            teer_sd=sd,
            corner=1 / (2 * np.pi * layer_resistance * layer_capacitance),
            electrodes_fit_circuit=context["electrodes"] in circuit.electrodes,
        )
    factor = context["geometry_factor"] if not reasons else float("nan")
    log_sd = np.sqrt(np.diag(fit.log_covariance))
    used = sweep.frequency
    return TeerResult(
        teer=uncorrected * factor,
        teer_sd=sd * factor,
        membrane_resistance=layer_resistance,
        membrane_capacitance=layer_capacitance,
        capacitance=float(capacitance),
        capacitance_sd=standard_deviation(gradient, fit.values, fit.log_covariance),
        series_resistance=values[names[0]],
        circuit=circuit.name,
        summed_elements=circuit.barrier_elements,
        parameters=values,
        parameter_sd={n: float(v * s) for n, v, s in zip(names, fit.values, log_sd, strict=True)},
        units=dict(zip(names, circuit.units, strict=True)),
        parameters_at_bound=bound_names,
        residual_sum=float(fit.residual_sum),
        num_points=len(used),
        num_dropped=sweep.num_zero_frequency + sweep.num_not_finite,
        frequency_window=(float(used.min()), float(used.max())) if len(used) else (np.nan, np.nan),
        accepted=not reasons,
        reasons=reasons,
        flags=flags,
        **context,
    )


def teer_batch(
    spectra: Sequence[tuple[np.ndarray, np.ndarray]],
    area_cm2: float | Sequence[float],
    circuit: AbstractCircuit | str | None = None,
    electrodes: int = 4,
    blank: float | None = None,
    insert: tuple[float, float] | None = None,
    geometry_factor: float = 1.0,
) -> list[TeerResult]:
    """TEER of many sweeps in one compiled fit; arguments as in `teer`.

    Args:
        spectra: Pairs (frequency [Hz], Z [Ω]); lengths may differ.
        area_cm2: Membrane area of all, or of each sweep [cm²].
        circuit: See `teer`.
        electrodes: See `teer`.
        blank: See `teer`.
        insert: See `teer`.
        geometry_factor: See `teer`.

    Returns:
        One result per sweep, in order. Refused sweeps have `accepted` False and a NaN TEER.

    Raises:
        ValueError: For inputs that no sweep of this kind can have; all problems of the areas at
            once.
        RuntimeError: If JAX runs in single precision.
    """
    if jnp.asarray(0.0).dtype != jnp.float64:
        raise RuntimeError(
            "Unable to fit impedance in single precision: set jax_enable_x64 before the fit."
        )
    chosen = _circuit(circuit, electrodes, insert)
    if isinstance(chosen, PolarisedLayer) and float(chosen.insert_resistance) > 0:
        insert = float(chosen.insert_resistance), float(chosen.insert_capacitance)
    areas = np.broadcast_to(np.asarray(area_cm2, float), (len(spectra),))
    wrong = [f"sweep {i}: {a}" for i, a in enumerate(areas) if not (np.isfinite(a) and a > 0)]
    if wrong:
        raise ValueError(
            f"Unsupported membrane area: {'; '.join(wrong)}. Expected a positive area in cm²; it "
            "is stated beside the file (insert or chip data sheet), never in it."
        )
    if not geometry_factor > 0:
        raise ValueError(f"Unsupported geometry factor: {geometry_factor}. Expected above 0.")
    if blank is not None and len(set(areas.tolist())) > 1:
        raise ValueError("Unsupported: one blank for sweeps of different areas. Fit them apart.")
    sweeps = [clean_sweep(frequency, z) for frequency, z in spectra]
    early = [sweep_reasons(sweep, len(chosen.parameters)) for sweep in sweeps]
    if not sweeps:
        return []
    fixed = {} if blank is None else {chosen.parameters[0]: blank * float(areas[0])}
    usable = [(s.frequency, s.z * a) for s, a in zip(sweeps, areas, strict=True)]
    fit = fit_spectra(chosen, usable, fixed)
    context = {
        "electrodes": electrodes,
        "blank": blank,
        "insert": insert,
        "geometry_factor": geometry_factor,
    }
    return [
        _result(
            chosen,
            SpectrumFit(*(leaf[i] for leaf in fit)),
            sweeps[i],
            early[i],
            {**context, "area": float(areas[i])},
        )
        for i in range(len(sweeps))
    ]


def teer(
    frequency_Hz: np.ndarray,
    z_ohm: np.ndarray,
    area_cm2: float,
    circuit: AbstractCircuit | str | None = None,
    electrodes: int = 4,
    blank: float | None = None,
    insert: tuple[float, float] | None = None,
    geometry_factor: float = 1.0,
) -> TeerResult:
    """TEER = R·A of one impedance sweep by a circuit fit.

    Args:
        frequency_Hz: Frequencies [Hz], shape (point,); rows of 0 are dropped and counted.
        z_ohm: Complex impedance [Ω], **Im < 0 for a capacitor**, shape (point,). Readers state
            the sign convention of their instrument and convert.
        area_cm2: Membrane area [cm²].
        circuit: Circuit or its name; by default "R-RC-RC" for four electrodes and "R-CPE-RC"
            for two.
        electrodes: 4 (separate voltage and current electrodes) or 2.
        blank: Resistance of the cell-free device [Ω]. When given, the series resistance is held
            at it; otherwise it is fitted.
        insert: Fixed element (R [Ω·cm²], C [F/cm²]) of the bare insert, from blank wells.
        geometry_factor: Device-specific correction for non-uniform current, multiplied onto the
            TEER as a separate, reversible step.

    Returns:
        The result with its circuit, summed elements, bounds hit, residual and verdict.

    Raises:
        ValueError: If an argument is malformed (shapes, real impedance, area, circuit).
        RuntimeError: If JAX runs in single precision.
    """
    return teer_batch(
        [(frequency_Hz, z_ohm)], area_cm2, circuit, electrodes, blank, insert, geometry_factor
    )[0]


def resistance_minus_blank(resistance: float, blank: float, area_cm2: float) -> float:
    """(R_total − R_blank)·A [Ω·cm²] of a single-frequency reading.

    Not exchangeable with a circuit fit: at 12.5 Hz it was 0.998 of the fitted TEER near
    300 Ω·cm² but 0.80-0.88 of it above 950 Ω·cm² in published sweeps. Give it its own noise.

    Args:
        resistance: Reading with tissue [Ω].
        blank: Reading of the cell-free device [Ω].
        area_cm2: Membrane area [cm²].
    """
    return (resistance - blank) * area_cm2
