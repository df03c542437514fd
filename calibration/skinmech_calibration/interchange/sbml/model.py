"""What an SBML file says, as frozen data: no XML, no JAX."""

import dataclasses

from ..expression import Expr


@dataclasses.dataclass(frozen=True)
class Compartment:
    """A compartment; without dimensions it has no size, and its species are amounts."""

    id: str
    size: float | None
    has_size: bool = True


@dataclasses.dataclass(frozen=True)
class Species:
    """A species.

    Attributes:
        id: Identifier; in formulas it stands for the amount if `is_amount`, else for the
            concentration.
        compartment: Where it is.
        amount: Initial amount, if given.
        concentration: Initial concentration, if given.
        is_amount: Whether the identifier stands for the amount.
        is_boundary: Whether reactions leave it as it is.
        conversion: Parameter by which reaction extents are multiplied, if any.
    """

    id: str
    compartment: str
    amount: float | None
    concentration: float | None
    is_amount: bool
    is_boundary: bool
    conversion: str | None = None


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter of the model, a parameter of one reaction (`reaction.parameter`), or the
    stoichiometry of a species reference with an identifier."""

    id: str
    value: float | None


@dataclasses.dataclass(frozen=True)
class Reaction:
    """A reaction; its identifier stands for its rate [extent/time] in formulas.

    Attributes:
        id: Identifier.
        rate: Kinetic law, with the names of its own parameters made unique.
        changes: Species and signed stoichiometry of every reactant and product.
    """

    id: str
    rate: Expr
    changes: tuple[tuple[str, Expr], ...]


@dataclasses.dataclass(frozen=True)
class Event:
    """An event without delay.

    Attributes:
        id: Identifier, or its place in the file.
        trigger: It fires where this becomes true.
        initial_value: What the trigger counts as before the start.
        is_persistent: Whether it still fires if another event makes the trigger false first.
        priority: Of several events at one time the one with the highest goes first.
        uses_trigger_values: Whether assigned values are those at the time of the trigger.
        assignments: Names and what they become.
    """

    id: str
    trigger: Expr
    initial_value: bool
    is_persistent: bool
    priority: Expr | None
    uses_trigger_values: bool
    assignments: tuple[tuple[str, Expr], ...]


@dataclasses.dataclass(frozen=True)
class Description:
    """A whole model.

    Attributes:
        id: Of the model.
        compartments: By identifier.
        species: By identifier.
        parameters: By identifier.
        reactions: By identifier.
        assignments: Assignment rules.
        rates: Rate rules.
        initial: Initial assignments.
        events: In the order of the file.
        names: Names for people, by identifier, of what has one.
    """

    id: str
    compartments: dict[str, Compartment]
    species: dict[str, Species]
    parameters: dict[str, Parameter]
    reactions: dict[str, Reaction]
    assignments: dict[str, Expr]
    rates: dict[str, Expr]
    initial: dict[str, Expr]
    events: tuple[Event, ...]
    names: dict[str, str]

    @property
    def entities(self) -> tuple[str, ...]:
        """Everything that can be given a value."""
        return (*self.compartments, *self.species, *self.parameters)
