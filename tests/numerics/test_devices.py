"""The same code over a mesh of several devices gives the same numbers; here devices of the host.

A GPU was not measured.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_a_batch_over_four_devices_is_that_of_one():
    if not (ROOT.parent / "shared" / "benchmark_problem.py").is_file():
        pytest.skip("../shared/benchmark_problem.py is not beside the checkout")
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=4"
    paths = os.pathsep.join([str(ROOT), *(path for path in sys.path if path)])
    changed = {
        "XLA_FLAGS": flags.strip(), "PYTHONPATH": paths, "JAX_PLATFORMS": "cpu",
        "JAX_COMPILATION_CACHE_DIR": str(ROOT / ".jax_cache"),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.numerics._on_devices"], env=os.environ | changed, cwd=ROOT,
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["devices"] == 4 and told["used"] == [0, 1, 2, 3]
    assert told["good"] == [True] * 5 + [False] + [True] * 2
    assert told["statuses_equal"] and told["bad_is_blank"]
    assert told["spread"] > 1e-3  # the patients differ
    # Two compilations of the same operations round differently, which moves the adaptive steps by
    # some units in the last place: far below what the tolerance of 1e-6 lets through.
    assert told["largest_error"] < 1e-10
