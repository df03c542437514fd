"""Rodas5P: a linearly implicit Runge-Kutta (Rosenbrock) method of order 5 with eight stages.

Coefficients: Steinebach, G. (2023) Construction of Rosenbrock-Wanner method Rodas5P and numerical
benchmarks within the Julia Differential Equations package. BIT Numer. Math. 63, 27. They stand in
the transformed form of Hairer & Wanner (1996, Solving ODEs II, IV.7), which needs no product with
the Jacobian:

    (I/(γh) - J) kᵢ = f(t + cᵢh, y + Σ aᵢⱼ kⱼ) + Σ Cᵢⱼ kⱼ / h + h dᵢ ∂f/∂t

Stiffly accurate and L-stable; the embedded method of order 4 differs by the last stage.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .chain import ChainFactor, factor, matvec
from .sparsity import ChainSystem, Tendency
from .trees import stop_derivatives

ORDER = 5
ERROR_ORDER = 5  # the embedded method has order 4, so its local error is O(h⁵)
_GAMMA = 0.21193756319429014
_LAST_A = [
    -7.502846399306121,
    2.561846144803919,
    -11.627539656261098,
    -0.18268767659942256,
    0.030198172008377946,
]


def _lower(rows: list[list[float]]) -> Float[np.ndarray, "stage stage"]:
    out = np.zeros((8, 8))
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


_A = _lower(
    [
        [],
        [3.0],
        [2.849394379747939, 0.45842242204463923],
        [-6.954028509809101, 2.489845061869568, -10.358996098473584],
        [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
        _LAST_A,
        [*_LAST_A, 1.0],
        [*_LAST_A, 1.0, 1.0],
    ]
)
_C = _lower(
    [
        [],
        [-14.155112264123755],
        [-17.97296035885952, -2.859693295451294],
        [147.12150275711716, -1.41221402718213, 71.68940251302358],
        [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
        [
            24.854864614690072,
            -3.0009227002832186,
            47.4931110020768,
            5.5814197821558125,
            -0.6610691825249471,
        ],
        [
            30.91273214028599,
            -3.1208243349937974,
            77.79954646070892,
            34.28646028294783,
            -19.097331116725623,
            -28.087943162872662,
        ],
        [
            37.80277123390563,
            -3.2571969029072276,
            112.26918849496327,
            66.9347231244047,
            -40.06618937091002,
            -54.66780262877968,
            -9.48861652309627,
        ],
    ]
)
_A_AND_C = np.stack([_A, _C], axis=1)
_TIMES = np.array(
    [0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1, 1, 1]
)
_D = np.array(
    [_GAMMA, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069]
    + [0.0] * 3
)
_B = np.array([*_LAST_A, 1.0, 1.0, 1.0])
_H = np.array(
    [
        [
            25.948786856663858,
            -2.5579724845846235,
            10.433815404888879,
            -2.3679251022685204,
            0.524948541321073,
            1.1241088310450404,
            0.4272876194431874,
            -0.17202221070155493,
        ],
        [
            -9.91568850695171,
            -0.9689944594115154,
            3.0438037242978453,
            -24.495224566215796,
            20.176138334709044,
            15.98066361424651,
            -6.789040303419874,
            -6.710236069923372,
        ],
        [
            11.419903575922262,
            2.8879645146136994,
            72.92137995996029,
            80.12511834622643,
            -52.072871366152654,
            -59.78993625266729,
            -0.15582684282751913,
            4.883087185713722,
        ],
    ]
)


class StepResult(eqx.Module):
    """One attempted step.

    Attributes:
        y1: State at the end of the step.
        error: Estimate of the local error, the difference of the orders 5 and 4.
        dense: Three vectors of the dense output; see `interpolate`.
        residual: Relative residual of the last linear solve; large where elimination without
            row exchanges lost accuracy.
    """

    y1: Float[Array, " state"]
    error: Float[Array, " state"]
    dense: Float[Array, "3 state"]
    residual: Float[Array, ""]


def rodas5p_step(
    f: Tendency,
    system: ChainSystem,
    t: Float[Array, ""],
    h: Float[Array, ""],
    y: Float[Array, " state"],
    args: Any,
) -> StepResult:
    """One step of Rodas5P from t to t + h.

    The factorisation is made from values without derivatives; derivatives pass through each
    linear solve by its own rule (`jax.lax.custom_linear_solve`), so all forward columns, and the
    reverse pass, use the one factorisation of the step.

    Args:
        f: Tendency `f(t, y, args)`.
        system: Structure of its Jacobian.
        t: Time at the start of the step.
        h: Length of the step, positive.
        y: State at t.
        args: What `f` takes.

    Returns:
        The state at t + h with its error estimate and dense output.
    """
    shift = 1.0 / (_GAMMA * h)
    frozen_t, frozen_y, frozen_args = stop_derivatives((t, y, args))
    jac = stop_derivatives(system.jacobian(f, frozen_t, frozen_y, frozen_args))
    factorised = factor(system, jac, stop_derivatives(shift))

    def operator(v):
        return v * shift - jax.jvp(lambda state: f(t, state, args), (y,), (v,))[1]

    _, time_derivative = jax.jvp(lambda time: f(time, y, args), (t,), (jnp.ones_like(t),))
    solve = _solver_of(operator, factorised)

    def stage(i, carry):
        k, _ = carry
        move, pull = jnp.asarray(_A_AND_C)[i] @ k
        right = f(t + jnp.asarray(_TIMES)[i] * h, y + move, args)
        right = right + pull / h + (h * jnp.asarray(_D)[i]) * time_derivative
        return k.at[i].set(solve(right)), right

    start = jnp.zeros((8, y.size), y.dtype), jnp.zeros_like(y)
    k, last_right = jax.lax.fori_loop(0, 8, stage, start)
    last_k, last_right = stop_derivatives((k[7], last_right))
    miss = matvec(system, jac, stop_derivatives(shift), last_k) - last_right
    scale = jnp.max(jnp.abs(last_right)) + jnp.finfo(y.dtype).tiny
    return StepResult(
        y1=y + jnp.asarray(_B) @ k,
        error=k[7],
        dense=jnp.asarray(_H) @ k,
        residual=jnp.max(jnp.abs(miss)) / scale,
    )


def interpolate(
    theta: Float[Array, ""],
    y0: Float[Array, " state"],
    y1: Float[Array, " state"],
    dense: Float[Array, "3 state"],
) -> Float[Array, " state"]:
    """State at the fraction theta in [0, 1] of a step; the method's own formula of order 4."""
    rest = 1.0 - theta
    inner = dense[0] + theta * (dense[1] + theta * dense[2])
    return rest * y0 + theta * (y1 + rest * inner)


def _solver_of(
    operator: Callable[[Array], Array], factorised: ChainFactor
) -> Callable[[Array], Array]:
    def solve(right):
        return jax.lax.custom_linear_solve(
            operator,
            right,
            solve=lambda _, b: factorised.solve(b),
            transpose_solve=lambda _, b: factorised.solve_transposed(b),
        )

    return solve
