"""A protocol as the integrator sees it: segments in time, events between them, save times."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from .sparsity import ChainSystem, Tendency
from .trees import row_of


class SegmentedProblem(eqx.Module):
    """dy/dt = f through K segments. A pytree: every array in it may carry a derivative.

    The fields are the arguments of `integrate_segments` of the same names.
    """

    f: Tendency
    system: ChainSystem
    args: Any
    boundaries: Float[Array, " segment+1"]
    save_times: Float[Array, " time"]
    segment_args: Any
    apply_event: Callable[[Any, Any, Any], Any] | None
    output: Callable[[Any, Any, Any], Any] | None

    @property
    def num_segments(self) -> int:
        return self.boundaries.shape[0] - 1

    @property
    def num_saves(self) -> int:
        return self.save_times.shape[0]

    def args_of(self, k: Int[Array, ""]) -> Any:
        """What `f` takes in segment k."""
        if self.segment_args is None:
            return self.args
        return self.args, row_of(self.segment_args, jnp.minimum(k, self.num_segments - 1))

    def span(self, k: Int[Array, ""]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """Start and length of segment k."""
        k = jnp.minimum(k, self.num_segments - 1)
        return self.boundaries[k], self.boundaries[k + 1] - self.boundaries[k]

    def event(self, k: Int[Array, ""], y: Float[Array, " state"]) -> Float[Array, " state"]:
        """State after the event at the start of segment k; unchanged beyond the last segment."""
        if self.apply_event is None:
            return y
        inside = jnp.minimum(k, self.num_segments - 1)
        return jnp.where(
            k < self.num_segments, self.apply_event(inside, y, self.args_of(inside)), y
        )

    def save(self, t: Float[Array, ""], y: Float[Array, " state"], k: Int[Array, ""]) -> Any:
        """What is kept of state y at time t of segment k."""
        return y if self.output is None else self.output(t, y, self.args_of(k))

    def enter(
        self, k: Int[Array, ""], y: Float[Array, " state"]
    ) -> tuple[Int[Array, ""], Float[Array, " state"]]:
        """Begin segment k, passing through segments of length zero with their events.

        Returns:
            The segment in which time goes on (K at the end) and the state there.
        """

        # One loop whose body holds the event once: events are large programs to compile.
        def goes_on(carry):
            at, _, is_first = carry
            return is_first | ((at < self.num_segments) & (self.span(at)[1] <= 0))

        def pass_boundary(carry):
            at, state, _ = carry
            return at + 1, self.event(at + 1, state), jnp.asarray(False)

        at, state, _ = jax.lax.while_loop(goes_on, pass_boundary, (k - 1, y, jnp.asarray(True)))
        return at, state
