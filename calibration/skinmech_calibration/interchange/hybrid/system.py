"""A hybrid system: continuous states, discrete states, constants and events, as functions."""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..operations import functions


class Where(NamedTuple):
    """A point at which the functions of a system are called.

    Attributes:
        t: Time.
        y: Continuous states.
        d: States that only events and conditions change.
        c: Constants of one run.
        p: Parameters from outside the model.
    """

    t: Float[Array, ""]
    y: Float[Array, " continuous"]
    d: Float[Array, " discrete"]
    c: Float[Array, " constant"]
    p: Float[Array, " parameter"]


@dataclasses.dataclass(frozen=True)
class System:
    """A model as text of functions, equal and hashed by it, so that equal models share programs.

    Attributes:
        source: Text of the functions.
        entities: Names that a run may override, in the order of the override vectors.
        defaults: Their values in the file; NaN where it gives none.
        continuous: Names of the continuous states.
        discrete: Names of the discrete states.
        constant: Names of the constants.
        direct: For the first constants, which entity each one is.
        report: Names of what `report` returns.
        initial_triggers: What each event's trigger counts as before the start.
        persistent: Whether each event stays due.
        uses_trigger_values: Whether each event assigns values of the time of its trigger.
        event_mask: Which targets each event assigns, one row of truths an event.
        change_targets: Names that conditions assign during a run.
        num_switches: Comparisons of states inside the tendency.
        num_clocks: Comparisons and roundings of time alone.
        num_leaves: All comparisons.
    """

    source: str
    entities: tuple[str, ...]
    defaults: tuple[float, ...]
    continuous: tuple[str, ...]
    discrete: tuple[str, ...]
    constant: tuple[str, ...]
    direct: tuple[int, ...]
    report: tuple[str, ...]
    initial_triggers: tuple[bool, ...]
    persistent: tuple[bool, ...]
    uses_trigger_values: tuple[bool, ...]
    event_mask: tuple[tuple[bool, ...], ...]
    change_targets: tuple[str, ...]
    num_switches: int
    num_clocks: int
    num_leaves: int

    def __hash__(self) -> int:
        return hash(self.source)

    @property
    def num_events(self) -> int:
        """Events."""
        return len(self.initial_triggers)

    def call(self, name: str, at: Where, *more: Any) -> Any:
        """One of the functions at a point."""
        return self._function(name)(*at, *more)

    def initial(
        self, t: Float[Array, ""], mask: Array, value: Array, p: Float[Array, " parameter"]
    ) -> Where:
        """The state before the first event.

        Args:
            t: Start time.
            mask: Truths, one an entity: whether `value` replaces what the file gives.
            value: One an entity.
            p: Parameters from outside the model.
        """
        value = jnp.where(mask, value, 0.0)
        given = jnp.where(mask, value, np.array(self.defaults))
        y, d, rest = self._function("initial")(t, mask * 1.0, value, given, p)
        c = jnp.concatenate([given[np.array(self.direct, int)], rest])
        return Where(t, y, d, c, p)

    def _function(self, name: str) -> Callable[..., Any]:
        return functions(self.source)[name]
