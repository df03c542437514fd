"""Donors of one population: each with few readings, together enough to know how donors differ."""

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402  # after the flag
import numpy as np  # noqa: E402

import skinmech_calibration as cal  # noqa: E402

TIMES = np.array([0.5, 1.0, 2.0, 4.0])
SD = 0.05
MEAN, SPREAD = np.array([0.5, -0.7]), np.array([0.4, 0.3])


def simulated(count, seed=3):
    """Readings of donors whose ln height and ln rate are drawn from a normal population."""
    random = np.random.default_rng(seed)
    own = MEAN + SPREAD * random.standard_normal((count, 2))
    exact = np.exp(own[:, :1] - np.exp(own[:, 1:]) * TIMES)
    return exact + SD * random.standard_normal(exact.shape)


def donor(row):
    """One donor's objective, without a prior of its own."""

    def log_likelihood(z):
        return -0.5 * jnp.sum(((jnp.exp(z[0] - jnp.exp(z[1]) * TIMES) - row) / SD) ** 2)

    return cal.FunctionObjective(log_likelihood, ["ln height", "ln rate"], bounds=(-4.0, 3.0))


def main(count=12):
    """Print the population; returns it and the descent on the mean donor."""
    readings = simulated(count)
    found = cal.hierarchical([donor(row) for row in readings], mean=np.zeros(2), sd=np.ones(2),
                             tolerance=1e-2)  # fmt: skip
    for i, name in enumerate(found.names):
        print(f"{name}: mean {found.mean[i]:.2f} ± {found.mean_error[i]:.2f} (true {MEAN[i]}), "
              f"donors differ by {found.sd[i]:.2f} (true {SPREAD[i]})")  # fmt: skip
    print("drawn to the population, by donor:", np.round(found.shrinkage.mean(axis=1), 2))

    def losses(z, chosen):
        curves = jnp.exp(z[0] - jnp.exp(z[1]) * TIMES)
        return 0.5 * jnp.sum(((curves - jnp.asarray(readings)[chosen]) / SD) ** 2, axis=1)

    pooled = cal.stochastic(losses, count, np.zeros(2), batch=4, steps=800)
    print("one curve for all, by descent in batches of four:", np.round(pooled.z, 2))
    return found, pooled


if __name__ == "__main__":
    main()
