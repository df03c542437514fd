"""A small skin-like problem: six nodes, four fields (one is padding), three border states."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from skinmech.numerics import ChainLayout, ChainSystem, build_system

NUM_NODES = 6


def toy_tendency(t, y, args):
    """Diffusing drug d binds receptor r to a complex; depot -> plasma -> lowest node; a mean.

    args: dict of binding, diffusion, uptake, decay rates. Field 3 is padding.
    """
    layout = ChainLayout(NUM_NODES, 4, 3)
    chain, border = layout.split(y)
    drug, receptor, cells = chain[:, 0], chain[:, 1], chain[:, 2]
    depot, plasma, memory = border
    padded = jnp.pad(drug, 1, mode="edge")
    spread = args["diffusion"] * (padded[2:] - 2.0 * drug + padded[:-2])
    binding = args["binding"] * drug * receptor
    drug_rate = (spread - binding - 0.3 * drug).at[-1].add(args["uptake"] * (plasma - drug[-1]))
    receptor_rate = 1.0 - receptor - binding
    above = jnp.concatenate([cells[1:], jnp.ones(1)])
    cells_rate = 0.5 * (above - cells) - args["decay"] * cells * binding / (1.0 + cells) + memory
    memory_rate = 0.05 * jnp.mean(cells) - memory + 0.1 * jnp.sin(t)
    border_rate = jnp.stack(
        [-depot, depot - plasma - args["uptake"] * (plasma - drug[-1]), memory_rate]
    )
    table = jnp.stack([drug_rate, receptor_rate, cells_rate, jnp.zeros(NUM_NODES)], axis=1)
    return layout.join(table, border_rate)


@dataclass(frozen=True)
class Toy:
    f: Any
    system: ChainSystem
    y0: Any
    args: dict[str, Any]
    boundaries: Any
    save_times: Any

    def dose(self, k, y, args):
        """One unit into the depot."""
        return y.at[-3].add(1.0)


@pytest.fixture(scope="session")
def toy() -> Toy:
    layout = ChainLayout(NUM_NODES, 4, 3)
    rng = np.random.default_rng(0)
    args = {"binding": 200.0, "diffusion": 2.0, "uptake": 3.0, "decay": 1.5}
    args = {name: jnp.asarray(value) for name, value in args.items()}
    draws = [
        (jnp.asarray(rng.uniform()), jnp.asarray(rng.uniform(0.1, 1.0, layout.size)), args)
        for _ in range(3)
    ]
    y0 = jnp.tile(jnp.asarray([0.0, 1.0, 0.8, 0.0]), NUM_NODES)
    return Toy(
        f=toy_tendency,
        system=build_system(toy_tendency, layout, draws),
        y0=jnp.concatenate([y0, jnp.asarray([0.0, 0.0, 0.1])]),
        args=args,
        boundaries=jnp.asarray([0.0, 2.0, 5.0, 8.0]),
        save_times=jnp.asarray([0.0, 0.5, 1.9, 2.0, 2.1, 4.0, 6.5, 8.0]),
    )
