"""Bounded multi-start Levenberg-Marquardt fit of a circuit to impedance spectra.

All starts of all spectra run in one compiled program: spectra are padded to a bucket length
with a mask and batched, so that a plate of any number of wells and points per sweep shares few
executables.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from skinmech_calibration.impedance.circuits import AbstractCircuit, ParameterVector

_LENGTHS = (32, 64, 128, 256, 512, 1024)
_SCREENING_STEPS = 20
"""Steps taken from every start before the best few go on."""
_NUM_FINALISTS = 4
_MAXIMUM_STEPS = 400
_CHUNKS = (1, 8, 64)
"""Spectra per call of the compiled program, so that batches of any size share executables."""
_TOLERANCE = 1e-10
"""Relative gain of the cost at which a start has converged."""


class SpectrumFit(NamedTuple):
    """Best fit of one spectrum (or of a batch, with a leading axis)."""

    values: Float[Array, "*batch parameter"]
    """Parameters in the circuit's order and units."""
    log_covariance: Float[Array, "*batch parameter parameter"]
    """Covariance of the natural logarithms; zero rows for parameters held by a bound."""
    residual_sum: Float[Array, "*batch"]
    """Σ of squared weighted residuals, see the circuit's `weighting`."""
    at_bound: Bool[Array, "*batch parameter"]
    num_steps: Int[Array, "*batch"]
    converged: Bool[Array, "*batch"]
    start_residual_sums: Float[Array, "*batch start"]
    """Residual sum of every start after screening: how lonely the optimum is."""


def _residual_function(circuit, frequency, z, mask):
    """Residuals of log parameters, by the circuit's `weighting`, shape (residual,); 0 if masked.

    "largest": real and imaginary parts, each over its largest absolute value. "modulus": both
    over |Z| at that frequency, which keeps the layer visible under an electrode polarisation a
    hundred times larger at 1 Hz. "log_magnitude": ln of the ratio of |Z| alone, phase unused.
    """
    keep = mask.astype(frequency.dtype)
    modulus = jnp.where(mask, jnp.abs(z), 1.0)
    if circuit.weighting == "largest":
        parts = keep * jnp.stack([jnp.abs(z.real), jnp.abs(z.imag)])
        weights = keep / (jnp.max(parts, axis=1, keepdims=True) + 1e-300)
    else:
        weights = jnp.stack([keep / modulus] * 2)

    def residuals(log_values):
        model = circuit.impedance(jnp.exp(log_values), frequency)
        if circuit.weighting == "log_magnitude":
            return keep * jnp.log(jnp.abs(model) / modulus)
        error = model - z
        return jnp.concatenate([error.real * weights[0], error.imag * weights[1]])

    return residuals


def _minimise(residuals, start, lower, upper, num_steps):
    """Projected Levenberg-Marquardt: parameters pressed against a bound are held there."""

    def linearise(x):
        value, push = jax.linearize(residuals, x)
        return value, jax.vmap(push, out_axes=1)(jnp.eye(x.size, dtype=x.dtype))

    def step(carry):
        x, cost, damping, num, _ = carry
        r, J = linearise(x)
        gradient = J.T @ r
        free = _free(x, gradient, lower, upper)
        J = jnp.where(free, J, 0.0)
        normal = J.T @ J
        diagonal = jnp.where(free, damping * jnp.diag(normal) + 1e-14, 1.0)
        move = -jnp.linalg.solve(normal + jnp.diag(diagonal), jnp.where(free, gradient, 0.0))
        trial = jnp.clip(x + jnp.clip(move, -2.0, 2.0), lower, upper)
        trial_cost = jnp.sum(residuals(trial) ** 2)
        better = trial_cost < cost
        gain = (cost - trial_cost) / (cost + 1e-300)
        done = (better & (gain < _TOLERANCE) & (damping < 1.0)) | (damping > 1e12)
        done |= cost < 1e-28
        x = jnp.where(better, trial, x)
        cost = jnp.where(better, trial_cost, cost)
        damping = jnp.where(better, jnp.maximum(damping / 5, 1e-12), damping * 4)
        return x, cost, damping, num + 1, done

    start = jnp.clip(start, lower, upper)
    cost = jnp.sum(residuals(start) ** 2)
    initial = (start, cost, jnp.asarray(1e-2), jnp.asarray(0), jnp.asarray(False))
    x, cost, _, num, done = jax.lax.while_loop(
        lambda carry: ~carry[4] & (carry[3] < num_steps), step, initial
    )
    return x, cost, num, done


def _free(x, gradient, lower, upper):
    """Parameters that may move: neither held nor pressed against a bound by the gradient."""
    pressed = ((x <= lower) & (gradient > 0)) | ((x >= upper) & (gradient < 0))
    return ~(pressed | (lower >= upper))


def _fit_one(circuit, frequency, z, mask, lower, upper) -> SpectrumFit:
    real = jnp.where(mask, z.real, jnp.nan)
    least, most = jnp.nanmin(real), jnp.nanmax(real)
    floor = 1e-3 * jnp.maximum(jnp.abs(least), jnp.abs(most))
    starts = circuit.starts(jnp.maximum(least, floor), jnp.maximum(most - least, floor))
    residuals = _residual_function(circuit, frequency, z, mask)

    def minimise(points, num_steps):
        return jax.vmap(lambda p: _minimise(residuals, p, lower, upper, num_steps))(points)

    early, costs, _, _ = minimise(jnp.log(starts), _SCREENING_STEPS)
    costs = jnp.where(jnp.isfinite(costs), costs, jnp.inf)
    order = jnp.argsort(jnp.asarray(costs))[:_NUM_FINALISTS]
    finalists, final_costs, nums, done = minimise(early[order], _MAXIMUM_STEPS)
    best = jnp.argmin(jnp.where(jnp.isfinite(final_costs), final_costs, jnp.inf))
    x, cost = finalists[best], final_costs[best]

    J = jax.jacfwd(residuals)(x)
    free = _free(x, J.T @ residuals(x), lower, upper)
    J = jnp.where(free, J, 0.0)
    information = J.T @ J + jnp.diag(jnp.where(free, 0.0, 1.0))
    num_parts = 1 if circuit.weighting == "log_magnitude" else 2
    num_freedom = jnp.maximum(num_parts * jnp.sum(mask) - jnp.sum(free), 1)
    covariance = jnp.linalg.inv(information) * cost / num_freedom
    covariance = jnp.where(free[:, None] & free[None, :], covariance, 0.0)
    near = 1e-3 * (upper - lower)
    at_bound = ((x - lower <= near) | (upper - x <= near)) & (upper > lower)
    return SpectrumFit(
        jnp.exp(x), covariance, cost, at_bound, nums[best] + _SCREENING_STEPS, done[best], costs
    )


@eqx.filter_jit
def _fit_batch(circuit, frequency, z, mask, lower, upper) -> SpectrumFit:
    return jax.vmap(_fit_one, in_axes=(None, 0, 0, 0, 0, 0))(
        circuit, frequency, z, mask, lower, upper
    )


def _bucket(length: int) -> int:
    """Smallest bucket that holds `length` points."""
    for size in _LENGTHS:
        if length <= size:
            return size
    raise ValueError(
        f"Unsupported spectrum length: {length} points. Expected at most {_LENGTHS[-1]} points "
        "in a sweep; thin the sweep or split it by frequency."
    )


def fit_spectra(
    circuit: AbstractCircuit,
    spectra: list[tuple[np.ndarray, np.ndarray]],
    fixed: dict[str, float] | None = None,
) -> SpectrumFit:
    """Fit one circuit to many spectra at once.

    Args:
        circuit: Circuit per unit area.
        spectra: Pairs (frequency [Hz], Z [Ω·cm²], complex with Im < 0 for a capacitor); lengths
            may differ. Frequencies must be positive and values finite.
        fixed: Parameters held at a value, by name, e.g. a series resistance from a blank.

    Returns:
        Best of all starts for each spectrum, as NumPy arrays with a leading batch axis.

    Raises:
        ValueError: For an unknown fixed parameter or a spectrum that is too long.
    """
    fixed = fixed or {}
    unknown = sorted(set(fixed) - set(circuit.parameters))
    if unknown:
        raise ValueError(
            f"Unrecognized circuit parameter: {unknown}. Expected some of {circuit.parameters} "
            f"of circuit '{circuit.name}'."
        )
    chunk = next((size for size in _CHUNKS if len(spectra) <= size), _CHUNKS[-1])
    batch = -(-len(spectra) // chunk) * chunk
    length = _bucket(max((len(f) for f, _ in spectra), default=1))
    frequency = np.ones((batch, length))
    z = np.ones((batch, length), complex)
    mask = np.zeros((batch, length), bool)
    for i in range(batch):
        f, values = spectra[min(i, len(spectra) - 1)]
        frequency[i, : len(f)], z[i, : len(f)], mask[i, : len(f)] = f, values, True
    lower, upper = np.log(np.asarray(circuit.lower)), np.log(np.asarray(circuit.upper))
    for name, value in fixed.items():
        lower[circuit.parameters.index(name)] = upper[circuit.parameters.index(name)] = np.log(
            value
        )
    shape = (batch, len(circuit.parameters))
    dynamic = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), circuit)
    arrays = (frequency, z, mask, np.broadcast_to(lower, shape), np.broadcast_to(upper, shape))
    fits = [
        _fit_batch(dynamic, *(jnp.asarray(array[i : i + chunk]) for array in arrays))
        for i in range(0, batch, chunk)
    ]
    return jax.tree.map(lambda *leaves: np.concatenate(leaves)[: len(spectra)], *fits)


def standard_deviation(
    gradient: ParameterVector, values: ParameterVector, log_covariance: Float[Array, "p p"]
) -> float:
    """Delta-method standard deviation of a scalar with a gradient in natural units."""
    log_gradient = np.asarray(gradient) * np.asarray(values)
    return float(np.sqrt(max(log_gradient @ np.asarray(log_covariance) @ log_gradient, 0.0)))
