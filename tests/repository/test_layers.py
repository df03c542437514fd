"""Arrows between the packages point down, and the cheap entrances stay cheap."""

import subprocess
import sys
from pathlib import Path

from tests.repository._files import PACKAGES, ROOT

HEAVY = ("jax", "jaxlib", "equinox", "diffrax", "optax", "optimistix", "lineax")

WALK = """
import importlib, pkgutil, sys
import skinmech_chip_adapters as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.rpartition(".")[2].startswith("__"):
        importlib.import_module(module.name)
"""

HELP = """
import sys
sys.argv = ["skinmech", "--help"]
from skinmech_app.cli import main
try:
    main()
except SystemExit as stopped:
    assert not stopped.code, stopped.code
"""

REPORT = """
print("heavy:", *sorted(name for name in {heavy!r} if name in sys.modules))
"""


def _fresh_process(code: str) -> str:
    script = code + REPORT.format(heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT.parent, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _heavy_imports(output: str) -> list[str]:
    return output.rstrip().splitlines()[-1].removeprefix("heavy:").split()


def test_reading_an_instrument_file_imports_no_jax() -> None:
    assert _heavy_imports(_fresh_process(WALK)) == []


def test_help_of_the_command_line_imports_no_jax() -> None:
    output = _fresh_process(HELP)
    assert "Usage" in output
    assert _heavy_imports(output) == []


def test_imports_between_packages_point_down() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 kept, 0 broken" in done.stdout


def test_each_package_is_imported_from_this_checkout() -> None:
    for name, folder in PACKAGES.items():
        assert Path(__import__(name).__file__ or "").parent == folder
