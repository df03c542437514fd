"""Settings every test runs under: float64, warnings seen, and where the reference data lies."""

import os
from pathlib import Path

os.environ.setdefault("EQX_ON_ERROR", "nan")

import jax
import pytest

jax.config.update("jax_enable_x64", True)
_CACHE = Path(__file__).parent.parent / ".jax_cache"
jax.config.update("jax_compilation_cache_dir", str(_CACHE))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of reference data beside the checkout; tests skip where it is absent."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("reference data folder ../shared/data is not beside the checkout")
    return folder
