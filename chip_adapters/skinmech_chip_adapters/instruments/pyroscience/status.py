"""Status of a reading: `OK`, or `NotOK(…)` with numbers. Meanings after the maker's legend."""

import re

FORM = re.compile(r"OK|NotOK\((?P<codes>(\d{1,2}(\s*,\s*\d{1,2})*)?)\)")

MEANINGS = {
    2: "detector saturated by ambient light",
    3: "reference signal too weak",
    4: "reference signal too strong",
    5: "no sample temperature: sensor absent or broken",
    7: "humidity inside the device above 90 %",
    8: "case temperature sensor failed",
    9: "pressure sensor failed",
    10: "humidity sensor failed",
    11: "sensor not calibrated",
    12: "sensor signal too weak to be relied on",
    13: "sensor signal too weak, probably no sensor",
    14: "pH outside the range of the sensor",
    15: "too much ambient light",
}


def is_status(text: str) -> bool:
    """True for a whole status word (a cut one such as `NotOK(1` is none)."""
    return FORM.fullmatch(text) is not None


def meaning(text: str) -> str:
    """What a status says, in words."""
    match = FORM.fullmatch(text)
    if match is None or match["codes"] is None:
        return text
    codes = [int(one) for one in match["codes"].split(",") if one.strip()]
    return "; ".join(MEANINGS.get(code, f"code {code}") for code in codes) or "no code given"
