"""What is known of a model before it runs: its identity, and the structure of its Jacobian."""

import hashlib
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from .modelling.model import SkinModel
from .modelling.ports import Named
from .native.functions import functions, tendency_pattern
from .native.values import UnsupportedPrimitive
from .numerics import (
    ChainLayout,
    ChainSystem,
    build_system,
    fingerprint,
    kept_array,
    system_from_pattern,
)
from .numerics.programs import own_source
from .submodels.exposure import SLOTS
from .therapies import load_drug
from .therapies.arrays import drug_arrays


def identity(model: SkinModel) -> str:
    """A hash of all that the model's programs depend on besides the arrays given to them.

    A model of this package's parts is told by the package's code and by the model's own settings;
    that costs no tracing. One with parts from elsewhere is told by its traced programs.
    """
    parts = [type(part) for part in (*model.submodels, *model.readouts)]
    leaves, tree = jax.tree.flatten(model)
    told = [own_source(), str(tree), repr(parts), *(repr(np.asarray(x).tolist()) for x in leaves)]
    if any(not part.__module__.startswith(f"{__package__}.") for part in parts):
        t, y, (params, segment) = random_draws(model)[0]
        inside = params, segment["environment"]
        nothing = Named(dose=jnp.zeros((len(SLOTS), 3)), fluence=0.0, strips=0.0)
        told += [
            fingerprint(model.tendency, t, y, inside),
            fingerprint(model.observe, t, y, inside),
            fingerprint(lambda y: model.after_events(t, y, inside, nothing), y),
        ]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def structure(tendency: Any, model: SkinModel, layout: ChainLayout, known_as: str) -> ChainSystem:
    """The structure of the Jacobian: read off the traced tendency, or as an earlier process did.

    It depends on the model alone, so it is kept beside JAX's compiled programs under the model's
    identity.

    Args:
        tendency: Of the flat state.
        model: The model.
        layout: Of its state.
        known_as: Its `identity`.
    """

    def read() -> np.ndarray:
        system = _read_off(tendency, model, layout)
        return np.packbits((np.asarray(system.dense(system.pattern)) != 0).ravel())

    bits = np.unpackbits(kept_array("structure", known_as, read), count=layout.size**2)
    pattern = bits.reshape(layout.size, layout.size).astype(bool)
    return system_from_pattern(pattern, layout, describe=model.layout.label)


def _read_off(tendency: Any, model: SkinModel, layout: ChainLayout) -> ChainSystem:
    """The structure from the traced tendency; probed where an operation is not known."""
    describe = model.layout.label
    try:
        found = tendency_pattern(functions(model, *model.arguments(model.parameters())))
    except UnsupportedPrimitive:
        return build_system(tendency, layout, random_draws(model), describe=describe)
    return system_from_pattern(found, layout, describe=describe)


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
