"""What a simulation of an SBML model returns."""

import dataclasses

import numpy as np
from jaxtyping import Float

from ..errors import InterchangeError
from .system import amount_of, concentration_of


@dataclasses.dataclass(frozen=True)
class SBMLTrajectory:
    """Values over time, in the units of the file.

    Attributes:
        times: Times, shape (time,).
        names: What each column is.
        table: Values, shape (time, name).
    """

    times: Float[np.ndarray, " time"]
    names: tuple[str, ...]
    table: Float[np.ndarray, "time name"]

    def __getitem__(self, name: str) -> Float[np.ndarray, " time"]:
        """The value that an identifier stands for in the file's formulas.

        Args:
            name: A species, compartment, parameter, reaction (its rate) or
                `"reaction.parameter"`.

        Raises:
            InterchangeError: there is no such name.
        """
        if name not in self.names:
            near = [n for n in self.names if n.lower() == name.lower()]
            raise InterchangeError(
                f"Unrecognized name '{name}'." + (f" Did you mean '{near[0]}'?" if near else "")
            )
        return self.table[:, self.names.index(name)]

    def amount(self, species: str) -> Float[np.ndarray, " time"]:
        """Amount of a species, whatever its identifier stands for."""
        return self[amount_of(species)]

    def concentration(self, species: str) -> Float[np.ndarray, " time"]:
        """Concentration of a species, whatever its identifier stands for."""
        return self[concentration_of(species)]
