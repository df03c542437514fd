"""The help answers at once, costs no JAX, and a newcomer can follow it."""

import subprocess
import sys

import pytest

from tests.app.conftest import environment

COMMANDS = (
    "read", "show", "simulate", "cohort", "fit", "update", "predict", "compare", "design", "report",
    "profile", "sample", "sensitivity",
)  # fmt: skip


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=environment(), timeout=60
    )


def test_help_imports_nothing_heavy():
    code = (
        "import sys, skinmech_app.cli as cli\n"
        "assert cli.run(['--help']) == 0\n"
        "heavy = {'jax', 'numpy', 'equinox', 'h5py', 'pint', 'matplotlib', 'skinmech'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = _python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="processor time of children is POSIX")
def test_help_answers_in_half_a_second():
    import resource

    def seconds() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert _python("-m", "skinmech_app.cli", "--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    # Processor time, which is what the user waits for on a machine that does nothing else.
    assert min(seconds() for _ in range(5)) < 0.5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_is_for_with_an_example(skinmech, command):
    done = skinmech(command, "--help")
    assert done.code == 0
    assert f"Example: skinmech {command}" in " ".join(done.out.split())
    first = next(line for line in done.out.splitlines()[2:] if line.strip())
    assert len(first.split()) > 4


def test_top_level_help_lists_every_command_and_exit_code(skinmech):
    done = skinmech("--help")
    assert all(command in done.out for command in COMMANDS)
    assert "5 not converged" in " ".join(done.out.split())


def test_wrong_usage_ends_with_two(skinmech):
    assert skinmech("simulate", "--weks", "3").code == 2
    assert skinmech("unknown").code == 2
    assert skinmech("simulate", "--weeks", "-3").code == 2


def test_version(skinmech):
    from importlib.metadata import version

    assert skinmech("--version").out.strip() == f"skinmech {version('skinmech')}"
