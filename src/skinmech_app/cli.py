"""The command `skinmech`: reading chips, simulating, fitting, predicting, reporting."""

import sys
from typing import Annotated

import typer

from . import failures
from .commands import fit, predict, read, report, show, simulate

app = typer.Typer(
    name="skinmech",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(
    epilog="The usual way: skinmech read → show → fit → predict → report. "
    "Research use only; not a medical device."
)
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", is_eager=True)
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an unexpected error.")
    ] = False,
) -> None:
    """A mechanistic model of human skin, fitted to chips and clinic, that predicts therapies.

    Results go to stdout or to the file you name, progress to stderr. Every command takes --help.
    Exit codes: 0 done, 2 wrong usage, 3 a problem in the data, 4 numerics, 5 not converged.
    """
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"skinmech {installed('skinmech')}")
        raise typer.Exit


for module in (read, show, simulate, fit, predict, report):
    name = module.__name__.rpartition(".")[2]
    app.command(name=name, epilog=module.EXAMPLE)(getattr(module, name))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors are told, never thrown at the user.

    Args:
        arguments: Instead of those of the process.
    """
    sys.excepthook = failures.unexpected
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in given:  # accepted anywhere
        given = ["--debug", *(one for one in given if one != "--debug")]
    command = typer.main.get_command(app)
    try:
        command.main(args=given, prog_name="skinmech")
    except (ValueError, RuntimeError, OSError) as error:
        described = failures.describe(error)
        if described is None:
            raise
        if "--debug" in given:
            import traceback

            traceback.print_exc()
        problems, code = described
        failures.print_problems(problems, as_json="--json" in given)
        sys.exit(code)


if __name__ == "__main__":
    main()
