"""What comes out of a simulation."""

import dataclasses
import difflib
from typing import Any

import numpy as np

from .modelling.model import SkinModel
from .numerics import Status


@dataclasses.dataclass(frozen=True)
class Trajectory:
    """States and observables over time.

    Attributes:
        model: The model that was simulated.
        times: Days, shape (time,).
        state: Flat scaled states, shape (time, state).
        values: Every observable in its declared unit, shape (time,).
        status: How the solve ended; values are NaN unless it is `Status.OK`.
        num_steps: Steps tried.
        num_rejected: Steps of them that were rejected.
    """

    model: SkinModel
    times: np.ndarray
    state: np.ndarray
    values: dict[str, np.ndarray]
    status: Status
    num_steps: int
    num_rejected: int

    def __getitem__(self, name: str) -> np.ndarray:
        """An observable by name, shape (time,), in `unit(name)`."""
        if name not in self.values:
            near = ", ".join(difflib.get_close_matches(name, self.values, n=3, cutoff=0.4))
            raise KeyError(f"Unrecognized observable: '{name}'. Nearest: {near}.")
        return self.values[name]

    def unit(self, name: str) -> str:
        """The unit of an observable."""
        return self.model.observables()[name].unit

    def field(self, path: str) -> np.ndarray:
        """A state over time, `"cytokines.epidermis[IL-13]"` or `"barrier.water"`.

        Returns:
            Shape (time,) or (time, depth), in the state's declared unit; depth from the surface.
        """
        name, _, member = path.partition("[")
        submodel, _, field = name.partition(".")
        for owner, spec, shape, start in self.model.layout.pieces:
            if (owner, spec.name) != (submodel, field):
                continue
            count = int(np.prod(shape, dtype=int))
            index = self.model.layout.order[start : start + count]
            values = self.state[:, index].reshape(len(self.times), *shape) * spec.scale
            if member and spec.species:
                return values[:, spec.species.index(member.rstrip("]"))]
            return values
        known = [f"{o}.{s.name}" for o, s, _, _ in self.model.layout.pieces]
        near = ", ".join(difflib.get_close_matches(name, known, n=3, cutoff=0.4))
        raise KeyError(f"Unrecognized state: '{path}'. Nearest: {near}.")

    def to_frame(self) -> Any:
        """Observables as a pandas frame indexed by day (needs the `frame` extra)."""
        import pandas as pd

        return pd.DataFrame(self.values, index=pd.Index(self.times, name="day"))
