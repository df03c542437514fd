"""Draws of a posterior: diagnostics, summary, and the way out to ArviZ and NetCDF."""

import dataclasses
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from .identifiability import Undetermined, from_draws

_RHAT, _ESS = 1.01, 400.0  # Vehtari et al. 2021, Bayesian Anal 16, 667


@dataclasses.dataclass(frozen=True)
class Samples:
    """Draws of a posterior.

    Attributes:
        names: Of the parameters.
        z: Coordinates, shape (chain, draw, free).
        values: The same in declared units.
        stats: Of the sampler by name, shape (chain, draw): `lp`, `energy`, `acceptance_rate`,
            `step_size`, `tree_depth`, `n_steps`, `diverging`.
        spread: The prior's standard deviations in coordinates.
        tune: Iterations before the first draw.
        seed: Of the sampler.
        identity: Of the objective.
    """

    names: tuple[str, ...]
    z: Float[np.ndarray, "chain draw free"]
    values: Float[np.ndarray, "chain draw free"]
    stats: dict[str, np.ndarray]
    spread: np.ndarray
    tune: int
    seed: int
    identity: str

    @property
    def num_divergent(self) -> int:
        """Draws whose trajectory left the posterior's energy."""
        return int(self.stats["diverging"].sum())

    @property
    def rhat(self) -> dict[str, float]:
        """Rank-normalised split R-hat of each parameter, by ArviZ."""
        return self._by_arviz("rhat")

    @property
    def ess(self) -> dict[str, float]:
        """Effective number of draws in the bulk."""
        return self._by_arviz("ess", method="bulk")

    @property
    def ess_tail(self) -> dict[str, float]:
        """Effective number of draws in the tails."""
        return self._by_arviz("ess", method="tail")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What speaks against using the draws; empty where nothing does."""
        said = [f"R-hat of {n} is {v:.3f}, above {_RHAT}: chains disagree, draw longer."
                for n, v in self.rhat.items() if not v <= _RHAT]  # fmt: skip
        said += [f"{n} has {v:.0f} effective draws, fewer than {_ESS:.0f}: draw longer."
                 for n, v in self.ess.items() if not v >= _ESS]  # fmt: skip
        if self.num_divergent:
            said.append(
                f"{self.num_divergent} draws diverged: there are corners the sampler does not "
                "reach. Raise the target acceptance, or fix what the data leave open."
            )
        return tuple(said)

    def undetermined(self) -> Undetermined:
        """What the data left open: directions that are as wide as the prior."""
        return from_draws(self.names, self.spread, self.z.reshape(-1, len(self.names)))

    def summary(self, level: float = 0.95) -> list[dict[str, Any]]:
        """One row a parameter: mean, sd, median, interval (declared units), R-hat, ESS."""
        rhat, bulk, tail = self.rhat, self.ess, self.ess_tail
        flat = self.values.reshape(-1, len(self.names))
        shares = [(1 - level) / 2, 0.5, (1 + level) / 2]
        rows = []
        for i, name in enumerate(self.names):
            low, middle, high = np.quantile(flat[:, i], shares)
            rows.append({
                "name": name, "mean": float(flat[:, i].mean()), "sd": float(flat[:, i].std(ddof=1)),
                "median": float(middle), "interval": (float(low), float(high)),
                "rhat": rhat[name], "ess": bulk[name], "ess_tail": tail[name],
            })  # fmt: skip
        return rows

    def to_inference_data(self) -> Any:
        """ArviZ's InferenceData: `posterior` (declared units) and `sample_stats`.

        Raises:
            ImportError: ArviZ is not installed; the message names the extra.
        """
        posterior = {name: self.values[..., i] for i, name in enumerate(self.names)}
        told = {"inference_library": "skinmech, BlackJAX", "tuning_steps": self.tune,
                "seed": self.seed, "problem": self.identity}  # fmt: skip
        return _arviz().from_dict(
            posterior=posterior, sample_stats=self.stats, posterior_attrs=told
        )

    def save(self, path: str | Path) -> None:
        """Write NetCDF, whole or not at all."""
        path = Path(path)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        os.close(handle)
        try:
            self.to_inference_data().to_netcdf(temporary, engine="h5netcdf")
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _by_arviz(self, what: str, **options: Any) -> dict[str, float]:
        measure = getattr(_arviz(), what)
        return {name: float(measure(self.z[..., i], **options))
                for i, name in enumerate(self.names)}  # fmt: skip


def _arviz() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces its own next version at import
            import arviz
    except ImportError as error:
        raise ImportError(
            "Diagnostics need ArviZ. Install it with: pip install 'skinmech[sampling]'"
        ) from error
    return arviz
