"""Therapies as schedules, made once and then scaled to each patient's weight."""

import dataclasses
import hashlib
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..modelling.model import SkinModel
from ..protocol import Protocol, Treatment
from ..schedule import Schedule, schedule
from ..settings import Setting
from ..therapies.pharmacokinetics import dose_increment, scale_to_weight

USUAL_WEIGHT = 70.0  # kg; only where a therapy is checked or told, not simulated


@dataclasses.dataclass(frozen=True)
class Therapy:
    """What is done to a patient, and when it is looked at.

    Attributes:
        name: Unique within a cohort.
        protocol: What is done.
        times: Days to report, ascending.
    """

    name: str
    protocol: Protocol
    times: tuple[float, ...]

    def told(self) -> dict[str, Any]:
        """All that a result depends on, as plain values."""
        usual = for_weight(self.protocol, USUAL_WEIGHT)
        return {
            "name": self.name, "days": usual.days, "times": list(self.times),
            "steps": [dataclasses.asdict(step) for step in usual.steps()],
            "drugs": [hashlib.sha256(repr(one).encode()).hexdigest() for one in usual.drugs()],
            "events": [_plain(event) for event in usual.events],
        }  # fmt: skip


def _plain(event: Any) -> str:
    """What of an event its steps do not tell: doses by body weight."""
    return str(event.regimen) if isinstance(event, Treatment) else type(event).__name__


class Plans:
    """Schedules of one therapy, for any body weight.

    Making a schedule takes as long as simulating it in compiled C, so it is made once. A patient's
    weight then changes the pharmacokinetics and what a dose adds, by the operations of `schedule`
    in their order, so the bits are the same. Doses by body weight change the steps too: such a
    schedule is made anew.

    Attributes:
        therapy: The therapy.
        times: Internal times to save at, padded with inf.
    """

    def __init__(self, model: SkinModel, therapy: Therapy, setting: Setting):
        """Make the schedule.

        Raises:
            ProtocolError: the therapy cannot be carried out.
        """
        self.therapy, self._model, self._setting = therapy, model, setting
        factor = model.system.factor("day")
        padded = np.full(_room(len(therapy.times)), np.inf)
        padded[: len(therapy.times)] = np.asarray(therapy.times) * factor
        self.times = jnp.asarray(padded)
        light, heavy = (for_weight(therapy.protocol, weight).steps() for weight in (60.0, 90.0))
        self._is_flat = light == heavy
        self._base = None
        if self._is_flat:
            self._base = schedule(model, for_weight(therapy.protocol, USUAL_WEIGHT), setting)
            self._doses = [step for step in light if step.kind == "dose"]
            starts = np.asarray(self._base.boundaries)[:-1] / factor
            self._rows = [int(np.argmin(np.abs(starts - step.time))) for step in self._doses]

    def of(self, weight: float | None) -> Schedule:
        """The schedule for a body weight [kg]; None: the drugs' reference weights."""
        base = self._base
        if base is None:
            protocol = for_weight(self.therapy.protocol, weight)
            return schedule(self._model, protocol, self._setting, weight=weight)
        if weight is None:
            return base
        pk = jax.tree.map(np.asarray, scale_to_weight(base.drugs.pk, weight))
        dose = np.zeros(base.dose.shape)
        slots: dict[int, Any] = {}
        jumps: dict[tuple[int, float, float], np.ndarray] = {}
        for k, step in zip(self._rows, self._doses, strict=True):
            if step.slot not in slots:
                slots[step.slot] = jax.tree.map(lambda leaf, n=step.slot: leaf[n], pk)
            key = step.slot, step.amount, step.into_central
            if key not in jumps:
                jumps[key] = np.asarray(
                    dose_increment(slots[step.slot], step.amount, step.into_central)
                )
            dose[k, step.slot] += jumps[key]
        drugs = eqx.tree_at(lambda arrays: arrays.pk, base.drugs, pk)
        return eqx.tree_at(lambda plan: (plan.dose, plan.drugs), base, (jnp.asarray(dose), drugs))


def _room(count: int) -> int:
    """Save times are padded to few lengths, so that therapies share programs; as in `simulate`."""
    size = 64
    while size < count:
        size *= 8
    return size


def for_weight(protocol: Protocol, weight: float | None) -> Protocol:
    """The protocol with doses by body weight taken for this patient."""
    if weight is None:
        return protocol
    events = [
        dataclasses.replace(event, weight=weight) if isinstance(event, Treatment) else event
        for event in protocol.events
    ]
    return dataclasses.replace(protocol, events=events)
