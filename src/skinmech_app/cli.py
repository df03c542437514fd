"""The command `skinmech`: reading chips, simulating, fitting, predicting, reporting."""

import sys
import traceback
import warnings
from typing import Annotated

import typer

from . import failures
from .commands import (
    cohort,
    compare,
    design,
    fit,
    flares,
    pigment,
    predict,
    profile,
    read,
    report,
    sample,
    sensitivity,
    show,
    simulate,
    trial_virtual,
    update,
)
from .terminal import remember

app = typer.Typer(
    name="skinmech",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"skinmech {version('skinmech')}")
        raise typer.Exit


@app.callback(
    epilog="The usual way: skinmech read → show → fit → predict → report. "
    "Research use only; not a medical device."
)
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and leave.", is_eager=True, callback=_version
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
) -> None:
    """A mechanistic model of human skin, fitted to chips and clinic, that predicts therapies.

    Results go to stdout or to the file you name, progress to stderr. Every command takes --help.
    Exit codes: 0 done, 2 wrong usage, 3 a problem in the data, 4 numerics, 5 not converged.
    """


for module in (
    read, show, simulate, cohort, fit, profile, sample,
    sensitivity, update, predict, flares, compare, design, report,
):  # fmt: skip
    name = module.__name__.rpartition(".")[2]
    app.command(name=name, epilog=module.EXAMPLE)(getattr(module, name))

app.add_typer(trial_virtual.app)  # with the commands of trial
app.add_typer(pigment.app)


def run(arguments: list[str]) -> int:
    """Run one command; errors are told, never thrown at the user.

    Args:
        arguments: As typed after `skinmech`; `--debug` is accepted anywhere.

    Returns:
        The exit code.
    """
    is_debug = "--debug" in arguments
    given = [one for one in arguments if one != "--debug"]
    remember(given)
    if not is_debug:
        warnings.filterwarnings("ignore", category=RuntimeWarning)
    try:
        typer.main.get_command(app).main(args=given, prog_name="skinmech")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(bool(done.code))
    except (ValueError, RuntimeError, OSError) as error:
        described = failures.describe(error)
        if described is None:
            raise
        if is_debug:
            traceback.print_exc()
        problems, code = described
        failures.print_problems(problems, as_json="--json" in given)
        return code
    return 0


def main() -> None:
    """The entry point of the process."""
    sys.excepthook = failures.unexpected
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
