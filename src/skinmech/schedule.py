"""A protocol as arrays: segments between breaks, what changes at each, padded to few shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .modelling.model import SkinModel
from .protocol import Protocol, ProtocolError, Step, times_of
from .settings.environment import Setting
from .submodels.exposure import SLOTS
from .therapies.arrays import DrugArrays, drug_arrays
from .therapies.pharmacokinetics import PKParameters, dose_increment, scale_to_weight

_BUCKETS = (16, 64, 512)


class Schedule(eqx.Module):
    """Segments of constant surroundings between breaks, leading axis K.

    Padding segments have length zero and change nothing, so that protocols of many lengths
    share one compiled program.

    Attributes:
        boundaries: Times, shape (K+1,), internal time.
        environment: Values by port name, shape (K, ...), internal units.
        dose: What each drug's compartments gain at the start of a segment, (K, slots, 3) [nM].
        fluence: Ultraviolet fluence at the start of a segment, (K,) [J/cm²].
        strips: Tape strips at the start of a segment, (K,).
        drugs: What fills the drug slots.
    """

    boundaries: Float[Array, "boundary"]
    environment: dict[str, Array]
    dose: Float[Array, "segment slot 3"]
    fluence: Float[Array, "segment"]
    strips: Float[Array, "segment"]
    drugs: DrugArrays


def schedule(
    model: SkinModel,
    protocol: Protocol,
    setting: Setting,
    *,
    breaks: Sequence[float] = (),
    weight: float | None = None,
) -> Schedule:
    """Turn a protocol in a setting into arrays.

    Args:
        model: Gives the environment ports and the unit system.
        protocol: What is done.
        setting: Where the tissue lives; its values hold until a `Change`.
        breaks: Further times to break the integration at [day].
        weight: Body weight [kg] that scales clearances and volumes of the drugs.

    Raises:
        ProtocolError: the protocol cannot be carried out, or needs more drug slots.
    """
    drugs = protocol.drugs()
    if len(drugs) > len(SLOTS):
        names = ", ".join(drug.name for drug in drugs)
        raise ProtocolError(f"Expected at most {len(SLOTS)} drugs at once, got {names}.")
    steps = protocol.steps()
    days = protocol.days
    arrays = drug_arrays(drugs, len(SLOTS))
    if weight is not None:
        arrays = eqx.tree_at(lambda a: a.pk, arrays, scale_to_weight(arrays.pk, weight))
    inside = [time for time in (*times_of(steps), *breaks) if 0 < time < days]
    starts = np.unique(np.array([0.0, *inside]))
    count = next((size for size in _BUCKETS if size >= len(starts)), None)
    if count is None:
        raise ProtocolError(f"Expected at most {_BUCKETS[-1]} breaks, got {len(starts)}.")

    environment = _start(model, setting)
    rows: list[dict[str, np.ndarray]] = []
    dose = np.zeros((count, len(SLOTS), 3))
    fluence, strips = np.zeros(count), np.zeros(count)
    for k, start in enumerate(starts):
        environment = {name: value.copy() for name, value in environment.items()}
        for step in (s for s in steps if s.time == start):
            _apply(step, k, environment, dose, fluence, strips, arrays.pk, model)
        rows.append(environment)
    rows += [rows[-1]] * (count - len(rows))
    factor = model.system.factor("day")
    boundaries = np.append(starts, np.full(count + 1 - len(starts), days)) * factor
    units = {spec.name: model.system.factor(spec.unit) for spec in model.environment}
    return Schedule(
        jnp.asarray(boundaries),
        {name: jnp.asarray(np.stack([row[name] for row in rows]) * units[name]) for name in units},
        jnp.asarray(dose),
        jnp.asarray(fluence),
        jnp.asarray(strips),
        arrays,
    )


def _start(model: SkinModel, setting: Setting) -> dict[str, np.ndarray]:
    values = {name: np.array(v, float) for name, v in model.default_environment().items()}
    _change(values, setting.environment, model)
    return values


def _change(values: dict[str, np.ndarray], changes: Mapping[str, float], model: SkinModel) -> None:
    species = {spec.name: spec.species for spec in model.environment}
    for name, value in changes.items():
        base, _, member = name.partition("[")
        if base not in values:
            continue  # a port this composition of sub-models has no use for
        members = species[base]
        if member and members:
            values[base][members.index(member.rstrip("]"))] = value
        else:
            values[base] = np.array(value, float)


def _apply(
    step: Step,
    k: int,
    environment: dict[str, np.ndarray],
    dose: np.ndarray,
    fluence: np.ndarray,
    strips: np.ndarray,
    pk: PKParameters,
    model: SkinModel,
) -> None:
    if step.kind == "dose":
        slot: Any = jax.tree.map(lambda leaf: leaf[step.slot], pk)
        dose[k, step.slot] += np.asarray(dose_increment(slot, step.amount, step.into_central))
    elif step.kind == "rate":
        environment["drug_input"][step.slot] = step.amount
    elif step.kind == "light":
        fluence[k] += step.amount
    elif step.kind == "strips":
        strips[k] += step.amount
    else:
        _change(environment, step.environment, model)
