"""The population as one vector of parameters, and what it says of every arm."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .arms import Arm, Row, arrays_of
from .diseases import DISEASES, Disease
from .outcomes import reported
from .pharmacology import AFFINITY_ERROR, COMMON
from .population import natural, patients

PATIENTS = 128
_SEED = 20


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where each parameter stands in the vector.

    Attributes:
        drugs: Drugs whose affinity error is fitted, in order.
    """

    drugs: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all coordinates."""
        found = [f"common.{p.name}" for p in COMMON]
        found += [f"{d.name}.{p.name}" for d in DISEASES for p in d.parameters]
        return (*found, *(f"drug.{name}" for name in self.drugs))

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return len(self.names)

    def own(self, disease: Disease) -> slice:
        """Places of a disease's parameters."""
        start = len(COMMON)
        for one in DISEASES:
            if one.name == disease.name:
                return slice(start, start + len(one.parameters))
            start += len(one.parameters)
        raise ValueError(f"unknown disease '{disease.name}'")

    @property
    def first_drug(self) -> int:
        """Place of the first drug's error."""
        return len(COMMON) + sum(len(d.parameters) for d in DISEASES)


class ArmsModel:
    """Endpoints of the arms of one disease as a function of the population's coordinates.

    Args:
        disease: The disease.
        arms: Its arms.
        days: Days to simulate.
        layout: Of the coordinates.
    """

    def __init__(self, disease: Disease, arms: Sequence[Arm], days: int, layout: Layout):
        self.disease, self.arms, self.layout = disease, list(arms), layout
        self._arrays = {k: jnp.asarray(v) for k, v in arrays_of(arms, days).items()}
        self._scores = jnp.asarray(patients(PATIENTS, disease.dimensions, _SEED))
        names = [arm.drug.name if arm.drug else "" for arm in arms]
        self._error = np.array(
            [layout.drugs.index(name) if name in layout.drugs else -1 for name in names]
        )
        self.new_drugs = sorted({n for n in names if n and n not in layout.drugs})
        self._new = np.array(
            [self.new_drugs.index(n) if n in self.new_drugs else -1 for n in names]
        )

    @functools.cached_property
    def endpoints(self) -> Any:
        """Compiled `evaluate`."""
        return jax.jit(self.evaluate)

    def evaluate(
        self, theta: Float[Array, " coordinate"], new: Float[Array, " drug"] | None = None
    ) -> Float[Array, "arm endpoint day"]:
        """Every endpoint of every arm on every day, as fractions.

        Args:
            theta: Coordinates of the population.
            new: Affinity errors of `new_drugs` in spreads of their prior; default zero.
        """
        v, arms = self._natural(theta, new)

        def one(arm: dict[str, Array]) -> Array:
            left = self.disease.remaining(v, arm, self._scores)
            return reported(v, left, self.disease.endpoints)

        return jax.lax.map(one, arms)

    def courses(
        self,
        theta: Float[Array, " coordinate"],
        new: Float[Array, " drug"],
        scores: Float[Array, "patient dimension"],
        days: Array,
    ) -> tuple[dict[str, Array], Float[Array, "arm day patient"]]:
        """Values of the population parameters, and S of patients on some days under every arm."""
        v, arms = self._natural(theta, new)
        left = jax.lax.map(lambda arm: self.disease.remaining(v, arm, scores)[days], arms)
        return v, left

    def _natural(
        self, theta: Float[Array, " coordinate"], new: Float[Array, " drug"] | None
    ) -> tuple[dict[str, Array], dict[str, Array]]:
        """Values of the parameters, and engagement of the arms with each drug's error."""
        layout = self.layout
        v = natural(COMMON, theta[: len(COMMON)])
        v |= natural(self.disease.parameters, theta[layout.own(self.disease)])
        fitted = jnp.concatenate([theta[layout.first_drug :], jnp.zeros(1)])[self._error]
        others = jnp.zeros(len(self.new_drugs)) if new is None else new
        drawn = jnp.concatenate([others, jnp.zeros(1)])[self._new]
        potency = jnp.exp(AFFINITY_ERROR * (fitted + drawn))

        def scaled(name: str, x: Array) -> Array:
            return x if name == "background" else x * potency.reshape(-1, *(1,) * (x.ndim - 1))

        return v, {name: scaled(name, x) for name, x in self._arrays.items()}


@dataclasses.dataclass(frozen=True)
class Block:
    """The rows of one disease, tied to its model.

    Attributes:
        model: The model.
        rows: Lines of the table, as places in it.
        place: Arm, endpoint and day of every row, shape (row, 3).
    """

    model: ArmsModel
    rows: np.ndarray
    place: np.ndarray

    def pick(self, values: Any) -> Any:
        """Values of the rows, shape (row,)."""
        return values[self.place[:, 0], self.place[:, 1], self.place[:, 2]]


def blocks_of(rows: Sequence[Row], layout: Layout) -> list[Block]:
    """One block for each disease in a table."""
    found = []
    for disease in DISEASES:
        mine = np.array([k for k, r in enumerate(rows) if r.arm.disease.name == disease.name], int)
        if not mine.size:
            continue
        arms = {rows[k].arm.key: rows[k].arm for k in mine}
        keys, endpoints = list(arms), list(disease.endpoints)
        days = int(np.ceil(7.0 * max(rows[k].week for k in mine)))
        place = np.array(
            [
                (keys.index(rows[k].arm.key), endpoints.index(rows[k].endpoint),
                 round(7.0 * rows[k].week))
                for k in mine
            ]
        )  # fmt: skip
        found.append(Block(ArmsModel(disease, list(arms.values()), days, layout), mine, place))
    return found
