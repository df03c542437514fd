"""Side-cars and fixtures of the table of bad inputs."""

TABLE = """
[study]
id = "s"
targets = ["IL-8"]
[chip.C1]
t0 = "2024-03-01T00:00:00Z"
[chip.C2]
[[file]]
path = "data.csv"
adapter = "generic_table"
{options}
[file.columns]
"chip" = {{ role = "chip" }}
"t" = {{ role = "time", unit = "h" }}
"TEWL" = {{ observable = "tewl", unit = "g/m2/h" }}
"""
SINGLE = """
[study]
id = "s"
targets = ["IL-6", "IL-8"]
[chip.C1]
[[file]]
path = "{path}"
chip = "C1"
time = "24 h"
{options}
"""


def car(options: str = "") -> str:
    """A table with three columns."""
    return TABLE.format(options=options)


def codes(error) -> set[str]:
    """Codes of all problems of a refused file."""
    return {one.code for one in error.value.errors}
