"""One table of a TOML file, read with its problems noted instead of raised."""

import math
from typing import Any

from skinmech_chip_adapters.errors import Problems, one_of
from skinmech_chip_adapters.readers.dates import parse_duration

_ADVICE = "correct the key in the side-car"


class Section:
    """One TOML table being read: typed access that notes problems, and a check for unknown keys."""

    def __init__(self, data: Any, place: str, file: str, problems: Problems):
        self.place, self.file, self.problems = place, file, problems
        self.used: set[str] = set()
        if not isinstance(data, dict):
            self.wrong("", data, "a table")
            data = {}
        self.data: dict[str, Any] = data

    def wrong(self, key: str, found: Any, expected: str, remedy: str = _ADVICE) -> None:
        """Note a value of the wrong kind."""
        self.problems.add(
            "sidecar_value", file=self.file, locator=f"{self.place} {key}".strip(),
            found=f"{found!r}"[:60], expected=expected, remedy=remedy,
        )  # fmt: skip

    def get(self, key: str, kind: type | tuple[type, ...], default: Any, expected: str) -> Any:
        """Value of a key if it is of the wanted kind, else the default and a problem."""
        self.used.add(key)
        value = self.data.get(key, default)
        if value is default:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, value, expected)
            return default
        return value

    def text(self, key: str, required: bool = False) -> str:
        """A text, empty if absent."""
        value = self.get(key, str, "", "a text in quotes")
        if required and not value:
            self.problems.add(
                "sidecar_missing", file=self.file, locator=self.place, found=f"no {key!r}",
                expected=f"{key} = …", remedy="state it in the side-car",
            )  # fmt: skip
        return value

    def number(self, key: str, default: float = math.nan) -> float:
        """A number, NaN if absent."""
        value = float(self.get(key, (int, float), default, "a number"))
        if math.isinf(value):
            self.wrong(key, value, "a finite number")
        return value

    def duration(self, key: str, required: bool = False) -> float:
        """Seconds of a text such as "24 h", NaN if absent."""
        self.used.add(key)
        if key not in self.data:
            if required:
                self.text(key, required=True)
            return math.nan
        with self.problems.collect(self.file, f"{self.place} {key}"):
            return parse_duration(self.data[key])
        return math.nan

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of several words."""
        value = self.get(key, str, default, f"one of {', '.join(allowed)}")
        if value not in allowed:
            self.wrong(key, value, one_of(allowed, value))
            return default
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        """A TOML table with free keys."""
        return self.get(key, dict, {}, "a table")

    def texts(self, key: str) -> list[str]:
        """A list of texts; a single text counts as a list of one."""
        value = self.get(key, (list, str), [], "a list of texts")
        value = [value] if isinstance(value, str) else value
        if not all(isinstance(one, str) for one in value):
            self.wrong(key, value, "a list of texts")
            return []
        return value

    def finish(self, keep: bool = False) -> dict[str, Any]:
        """Keys that nobody asked for: reported, or returned with `keep`."""
        extra = {key: value for key, value in self.data.items() if key not in self.used}
        if not keep:
            for key in extra:
                self.problems.add(
                    "unknown_key", file=self.file, locator=self.place, found=f"key {key!r}",
                    expected=one_of(self.used, key), remedy=_ADVICE,
                )  # fmt: skip
        return extra
