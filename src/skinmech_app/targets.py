"""What `profile`, `sample` and `sensitivity` work on: a study with its fit, or a PEtab problem."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failures import USAGE, Problem, UserError

if TYPE_CHECKING:
    import numpy as np

    from skinmech_calibration import AbstractObjective


@dataclasses.dataclass(frozen=True)
class Target:
    """An objective and its optimum.

    Attributes:
        objective: The objective.
        optimum: Coordinates of the fit, or of the nominal parameters.
        is_petab: Whether it is a PEtab problem.
    """

    objective: "AbstractObjective"
    optimum: "np.ndarray"
    is_petab: bool

    def check(self, names: list[str]) -> None:
        """Refuse names that are not free.

        Raises:
            UserError: all of them.
        """
        from .failures import nearest

        wrong = [
            Problem("unknown_parameter", "No such free parameter.", found=name,
                    expected=nearest(name, self.objective.names))
            for name in names if name not in self.objective.names
        ]  # fmt: skip
        if wrong:
            raise UserError(wrong, USAGE)


def target_of(path: Path, fit: Path | None, starts: int = 0) -> Target:
    """Read a study file with its fit, or a PEtab problem (.yaml).

    Args:
        path: The study file, or the problem.
        fit: A file of `skinmech fit`, for a study.
        starts: Of a search for the optimum of a PEtab problem; 0: the nominal parameters.

    Raises:
        UserError: a study without a fit, or a fit of other free parameters.
    """
    import numpy as np

    from .runtime import set_up

    if path.suffix in (".yaml", ".yml"):
        set_up()
        from skinmech_calibration import optimise
        from skinmech_calibration.interchange import PetabObjective, read_petab

        objective = PetabObjective(read_petab(path))
        at = objective.start
        if starts:
            found = optimise(objective, starts=starts, initial=[at])
            if found.interrupted:
                raise KeyboardInterrupt
            at = found.best.z
        return Target(objective, at, True)
    if fit is None:
        raise UserError(
            Problem("no_fit", "A study needs its fit.", path.name, expected="--fit fit.json",
                    fix="run skinmech fit first, or name a PEtab problem (.yaml)"), USAGE
        )  # fmt: skip
    from . import fit_file, study as studies
    from .forecasting import posterior_of
    from .runtime import model

    content = fit_file.load(fit)
    loaded = studies.load(path)
    skin: Any = model()
    from skinmech_calibration import SkinObjective

    from .assemble import problem_of

    posterior = posterior_of(content)
    problem = problem_of(loaded, skin, posterior.free.names)
    if problem.data_hash != posterior.data_hash:
        raise UserError(
            Problem("other_fit", "The fit belongs to other data or another state of the study.",
                    fit.name, fix="run skinmech fit again"), USAGE
        )  # fmt: skip
    return Target(SkinObjective(problem), np.asarray(posterior.mean, float), False)
