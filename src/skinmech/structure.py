"""The structure of a model's Jacobian, probed once or read from the cache."""

import io
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from .modelling.model import SkinModel
from .numerics import (
    ChainLayout,
    ChainSystem,
    build_system,
    cache_folder,
    fingerprint,
    system_from_pattern,
    write_at_once,
)
from .therapies import load_drug
from .therapies.arrays import drug_arrays


def structure(
    tendency: Any, model: SkinModel, layout: ChainLayout, draws: list[Any]
) -> ChainSystem:
    """The structure of the Jacobian: probed, or as an earlier process found it.

    Probing compiles a dense derivative of the model. Its outcome depends on the program of the
    tendency alone, so it is kept beside JAX's compiled programs under a hash of that program.
    """
    describe = model.layout.label
    folder = cache_folder()
    if folder is None:
        return build_system(tendency, layout, draws, describe=describe)
    path = folder / f"skinmech-structure-{fingerprint(tendency, *draws[0])[:32]}.npy"
    if path.is_file():
        packed = np.load(path, allow_pickle=False)
        if packed.dtype == np.uint8 and packed.size == -(-(layout.size**2) // 8):
            bits = np.unpackbits(packed, count=layout.size**2)
            pattern = bits.reshape(layout.size, layout.size).astype(bool)
            return system_from_pattern(pattern, layout, describe=describe)
    system = build_system(tendency, layout, draws, describe=describe)
    pattern = np.asarray(system.dense(system.pattern)) != 0
    packed = io.BytesIO()
    np.save(packed, np.packbits(pattern.ravel()))
    write_at_once(path, packed.getvalue())
    return system


def random_draws(model: SkinModel) -> list[Any]:
    """Random states, parameters and surroundings with every coupling switched on."""
    params, environment = model.arguments(model.parameters())
    filled = drug_arrays([load_drug("tralokinumab"), load_drug("baricitinib")], 2)
    if "exposure" in params:
        params = dict(params)
        exposure = eqx.tree_at(lambda m: m.drugs, params["exposure"], filled)
        steroid = jnp.full_like(filled.glucocorticoid_affinity, 0.5)
        everything = jnp.full_like(filled.inverse_affinity, 0.3)
        params["exposure"] = eqx.tree_at(
            lambda m: (
                m.drugs.glucocorticoid_affinity,
                m.drugs.inverse_affinity,
                m.drugs.lipid_fraction,
            ),
            exposure,
            (steroid, everything, steroid),
        )
    first = np.asarray(model.initial_state(model.parameters()))
    random = np.random.default_rng(20)

    def shaken(leaf: Any) -> Any:
        value = np.asarray(leaf)
        return jnp.asarray(value * random.uniform(0.9, 1.1, value.shape) + 1e-3 * (value == 0))

    draws = []
    for _ in range(4):
        y = first * random.uniform(0.5, 2.0, first.shape) + random.uniform(0.05, 0.5, first.shape)
        p, e = jax.tree.map(shaken, (params, environment))
        draws.append((jnp.asarray(0.0), jnp.asarray(y), (p, {"environment": e})))
    return draws
