"""One problem, four views: fit, profile likelihood, normal approximation, no-U-turn draws.

A drug is taken up at rate k and read through a product of dose and an unknown scale. The readings
tell k and the product, not dose and scale by themselves. Needs the extra `sampling`.
"""

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402  # after the flag

import skinmech_calibration as cal  # noqa: E402

TIMES = jnp.linspace(0.5, 6.0, 8)
READ = jnp.array([0.81, 1.22, 1.57, 1.71, 1.84, 1.86, 1.97, 1.94])
SD = 0.05


def log_likelihood(z):
    """Readings of dose·scale·(1 - exp(-k t)); coordinates are logarithms."""
    k, dose, scale = jnp.exp(z)
    return -0.5 * jnp.sum(((dose * scale * (1 - jnp.exp(-k * TIMES)) - READ) / SD) ** 2)


def problem():
    """The objective: three decades for each parameter."""
    return cal.FunctionObjective(
        log_likelihood, ["k", "dose", "scale"], bounds=(-3.5, 3.5), to_natural=jnp.exp,
        label="uptake",
    )  # fmt: skip


def main(draws=400):
    """Print what each view says; returns the profiles and both lists of open directions."""
    objective = problem()
    found = cal.optimise(objective, starts=8, seed=1)
    print(f"best cost {found.best.cost:.3f}, reached by {found.num_agreeing} of 8 starts")
    profiles = cal.profile(objective, found.best.z)
    for one in profiles:
        print("profile:", one.text)
    normal = cal.laplace_at(objective, found.best.z).undetermined()
    samples = cal.sample(objective, draws=draws, tune=400, at=found.best.z, seed=1)
    told = samples.undetermined()
    for name, view in (("normal approximation", normal), ("draws", told)):
        for one in view.sloppy:
            print(f"{name}: open is {one.text}")
    for text in samples.warnings:
        print("beware:", text)
    return profiles, normal, told


if __name__ == "__main__":
    main()
