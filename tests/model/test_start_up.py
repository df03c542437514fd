"""A second process finds the programs that the first one compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import jax
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
import skinmech as sm
model = sm.skin_model(corneum_cells=4, epidermis_cells=4)
run = sm.simulate(model, sm.Protocol("1 day", [sm.Dose("dupilumab", "600 mg", 0.0)]))
print(repr(float(run["tewl"][-1])))
"""


def in_new_process(cache: Path) -> tuple[str, set[str]]:
    """Run the program in a process of its own; its output, and what the cache then holds."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "EQX_"))},
        "JAX_COMPILATION_CACHE_DIR": str(cache),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    kept = {path.name for path in cache.iterdir() if not path.name.endswith("-atime")}
    return done.stdout, kept


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    cache = tmp_path_factory.mktemp("programs")
    return in_new_process(cache), in_new_process(cache)


def test_a_second_process_compiles_nothing_anew(both):
    (_, first), (_, second) = both
    for kind in ("skinmech-structure-", "skinmech-run-", "skinmech-rest-", "jit_call-"):
        assert any(name.startswith(kind) for name in first), sorted(first)
    assert second == first


def test_a_damaged_program_is_traced_anew(tmp_path):
    in_new_process(tmp_path)
    for path in tmp_path.glob("skinmech-run-*"):
        path.write_bytes(path.read_bytes()[:1000])
    found, _ = in_new_process(tmp_path)
    assert float(found) > 0
    assert all(path.stat().st_size > 1000 for path in tmp_path.glob("skinmech-run-*"))


def test_a_second_process_gives_the_same_number(both):
    (first, _), (second, _) = both
    assert first == second and float(first) > 0
