"""The one place that sets JAX up for the command line: float64 and the compile cache."""

import functools
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .failures import USAGE, Problem, UserError
from .terminal import note

if TYPE_CHECKING:
    from skinmech.modelling.model import SkinModel

GRIDS = {"normal": (12, 16), "small": (6, 8)}
"""Depth cells of corneum and epidermis by the value of SKINMECH_GRID."""


def cache_folder() -> Path:
    """Where compiled programs are kept.

    SKINMECH_CACHE, else JAX_COMPILATION_CACHE_DIR, else the user's cache folder as the platform
    has it (XDG_CACHE_HOME or ~/.cache, ~/Library/Caches, LOCALAPPDATA).
    """
    for name in ("SKINMECH_CACHE", "JAX_COMPILATION_CACHE_DIR"):
        if os.environ.get(name):
            return Path(os.environ[name])
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "skinmech"


@functools.cache
def set_up() -> None:
    """Import JAX with float64 and the persistent compilation cache; call before any computing."""
    os.environ.setdefault("EQX_ON_ERROR", "nan")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # XLA asks to file bugs for long compiles
    import jax

    # Tracing makes millions of small objects that live as long as the program; looking for
    # rubbish among them again and again takes half of its time.
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)
    jax.config.update("jax_enable_x64", True)
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        note(f"compiled programs cannot be kept (no access to {folder.name}); set SKINMECH_CACHE")
    else:
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
    if not folder.is_dir() or not any(folder.iterdir()):
        note("compiling (once, a minute or two; next time from the cache)")


def grid() -> tuple[int, int]:
    """Depth cells of corneum and epidermis, from SKINMECH_GRID (`normal` or `small`).

    Raises:
        UserError: another value.
    """
    name = os.environ.get("SKINMECH_GRID", "normal")
    if name not in GRIDS:
        raise UserError(
            Problem("unknown_grid", f"Unrecognized grid: '{name}'.", "SKINMECH_GRID",
                    expected=" or ".join(GRIDS)), USAGE
        )  # fmt: skip
    return GRIDS[name]


@functools.cache
def model() -> "SkinModel":
    """The skin model that every command uses."""
    set_up()
    import skinmech as sm

    corneum, epidermis = grid()
    return sm.skin_model(corneum_cells=corneum, epidermis_cells=epidermis)


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for name in ("skinmech", "jax", "diffrax", "equinox", "numpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
