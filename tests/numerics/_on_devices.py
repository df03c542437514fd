"""Run in a process of its own: the benchmark problem's batch on one device, and over a mesh."""

import json
import os
import sys

os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax  # noqa: E402  # after the environment

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from jax.sharding import NamedSharding, PartitionSpec  # noqa: E402

from benchmarks.problems import ad_skin  # noqa: E402
from skinmech.numerics import Status, integrate_batch, integrate_segments  # noqa: E402

PATIENTS = 8
TIMES = (3.6, 14.0, 18.0, 28.0)


def main() -> None:
    """Print what both ways gave."""
    problem = ad_skin(num_nodes=10)
    spread = np.random.default_rng(0).uniform(0.8, 1.2, (PATIENTS, len(problem.args)))
    patients = jnp.asarray(np.asarray(problem.args) * spread)
    patients = patients.at[5, 0].set(jnp.nan)  # one that cannot be simulated

    def solve(args, max_steps):
        return integrate_segments(
            problem.f, problem.system, jnp.asarray(problem.y0), args,
            jnp.asarray([0.0, 14.0, 28.0]), jnp.asarray(TIMES),
            apply_event=problem.apply_event, rtol=1e-6, atol=1e-9, max_steps=max_steps,
        )  # fmt: skip

    safe = jnp.asarray(problem.args)

    def batch(rows):
        found = integrate_batch(
            solve, rows, 0.1 * safe, 10.0 * safe, safe, max_steps=2000, first_pass_steps=2000,
            lanes=1,
        )  # fmt: skip
        return found.ys, found.status

    mesh = jax.make_mesh((len(jax.devices()),), ("patient",))
    rows = PartitionSpec("patient")
    placed = jax.device_put(patients, NamedSharding(mesh, rows))
    over_mesh = jax.jit(
        jax.shard_map(batch, mesh=mesh, in_specs=rows, out_specs=(rows, rows), check_vma=False)
    )
    many, many_status = over_mesh(placed)
    used = sorted({shard.device.id for shard in many.addressable_shards})
    one, one_status = jax.jit(batch)(patients)
    good = np.asarray(one_status) == Status.OK
    scale = np.maximum(np.abs(np.asarray(one)[good]), problem.error_floor)
    error = np.abs(np.asarray(many)[good] - np.asarray(one)[good]) / scale
    told = {
        "devices": len(jax.devices()), "used": used, "good": good.tolist(),
        "statuses_equal": bool((np.asarray(one_status) == np.asarray(many_status)).all()),
        "bad_is_blank": bool(np.isnan(np.asarray(many)[~good]).all()),
        "bitwise": bool(np.array_equal(np.asarray(many)[good], np.asarray(one)[good])),
        "largest_error": float(error.max()),
        "spread": float(np.ptp(np.asarray(one)[good], axis=0).max()),
    }  # fmt: skip
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
