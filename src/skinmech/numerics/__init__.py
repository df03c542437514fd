"""Numerics: the chain-structured stiff solver, steady states, grids and operators."""

from typing import TYPE_CHECKING, Any

from .batch import (
    integrate_batch as integrate_batch,
    mark_invalid as mark_invalid,
    screen as screen,
)
from .chain import ChainFactor as ChainFactor, factor as factor
from .integrate import (
    FIRST as FIRST,
    SolveResult as SolveResult,
    SolveStats as SolveStats,
    integrate as integrate,
    integrate_segments as integrate_segments,
)
from .layout import ChainLayout as ChainLayout
from .programs import (
    cache_folder as cache_folder,
    compiled as compiled,
    fingerprint as fingerprint,
    kept as kept,
    kept_array as kept_array,
    write_at_once as write_at_once,
)
from .sparsity import (
    ChainJacobian as ChainJacobian,
    ChainSystem as ChainSystem,
    build_system as build_system,
    system_from_pattern as system_from_pattern,
)
from .status import Status as Status, blank_unless_ok as blank_unless_ok, status_text as status_text
from .steady import (
    SteadyResult as SteadyResult,
    implicitly_differentiable as implicitly_differentiable,
    steady_state as steady_state,
)
from .threads import in_threads as in_threads

if TYPE_CHECKING:
    from .diffrax_solver import Rodas5P as Rodas5P


def __getattr__(name: str) -> Any:
    """`Rodas5P` at its first use; the rest of the package needs no diffrax."""
    if name == "Rodas5P":
        from .diffrax_solver import Rodas5P

        return Rodas5P
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
