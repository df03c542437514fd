"""A second process finds the programs that the first one compiled."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from skinmech.native.build import NoCompiler, compiler

PROGRAM = """
import jax
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
import skinmech as sm
from skinmech.culture_model import culture_model
from skinmech.settings import culture
cells = culture_model()  # the least that runs as every model does
where = culture(**{"inlet_cytokines[IFN-gamma]": 30.0})
run = sm.simulate(cells, sm.Protocol("1 day"), setting=where)
print(repr(float(run["pSTAT1_MFI"][-1])))
"""


KINDS = {
    "compiled C": ("1", ("skinmech-structure-", "skinmech-native-"), "skinmech-native-*"),
    "JAX": (
        "0",
        ("skinmech-structure-", "skinmech-run-", "skinmech-rest-", "jit_call-"),
        "skinmech-run-*",
    ),
}
"""How simulations run: SKINMECH_NATIVE, what is kept, and which of it is damaged below."""


def in_new_process(cache: Path, native: str) -> tuple[str, set[str]]:
    """Run the program in a process of its own; its output, and what the cache then holds."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "EQX_"))},
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "SKINMECH_NATIVE": native,
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    kept = {path.name for path in cache.iterdir() if not path.name.endswith("-atime")}
    return done.stdout, kept


@pytest.fixture(scope="module", params=KINDS)
def kind(request):
    native, kept, damaged = KINDS[request.param]
    if native == "1":
        try:
            compiler()
        except NoCompiler as error:
            pytest.skip(str(error))
    return native, kept, damaged


@pytest.fixture(scope="module")
def both(kind, tmp_path_factory):
    cache = tmp_path_factory.mktemp("programs")
    return cache, in_new_process(cache, kind[0]), in_new_process(cache, kind[0])


def test_a_second_process_compiles_nothing_anew(both, kind):
    _, (_, first), (_, second) = both
    for prefix in kind[1]:
        assert any(name.startswith(prefix) for name in first), sorted(first)
    assert second == first


def test_a_second_process_gives_the_same_number(both):
    _, (first, _), (second, _) = both
    assert first == second and float(first) > 0


def test_a_damaged_program_is_made_anew(both, kind):
    cache, (first, _), _ = both
    for path in cache.glob(kind[2]):
        path.write_bytes(path.read_bytes()[:1000])
    found, _ = in_new_process(cache, kind[0])
    assert found == first
    assert all(path.stat().st_size > 1000 for path in cache.glob(kind[2]))
