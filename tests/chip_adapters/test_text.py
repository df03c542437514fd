"""Numbers, dates, encodings and words as instruments write them."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st

from skinmech_chip_adapters import Censor, ChipDataError, TimeQuality
from skinmech_chip_adapters.readers import (
    decide_decimal,
    decode,
    parse_cell,
    parse_duration,
    parse_number,
    read_stamps,
)
from skinmech_chip_adapters.readers.delimited import decide_delimiter, split_lines

REFUSED = (
    *("1_000", "0_0", "１２", "٣", "1,234", "1.234,5", "1 234", "1'234", "1e400", "1E310", "0x10"),
    *("", " ", "nan", "inf", "<2.5", "OVRFLW", "1.2.3", "--1", "+-1", "1e", "e5", ".", ",", "−1"),
    *("1e-400", "1\u00a0000", "5 V", "True", "1e+", "12abc"),
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_float_would_take_is_refused(text):
    with pytest.raises(ChipDataError):
        parse_number(text)


@given(st.text(max_size=12))
@settings(max_examples=2000, deadline=None)
def test_a_number_is_ascii_and_equal_to_float_or_refused(text):
    try:
        value = parse_number(text)
    except ChipDataError:
        return
    assert text.isascii() and value == float(text) and "_" not in text and text.strip() == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives_in_both_decimal_signs(value):
    assert parse_number(repr(value)) == value
    assert parse_number(repr(value).replace(".", ","), ",") == value


def test_decimal_sign_is_decided_from_the_whole_file():
    assert decide_decimal([(1, "5"), (2, "1,234"), (3, "0,5")]) == ","
    assert decide_decimal([(1, "1.234"), (2, "0.5")]) == "."
    assert decide_decimal([(1, "5"), (2, "7")]) == "."
    assert decide_decimal([(1, "1,234")], declared=",") == ","


def test_mixed_decimal_signs_name_both_lines():
    with pytest.raises(ChipDataError) as caught:
        decide_decimal([(3, "0.01"), (4, "5"), (9, "0,02")])
    assert caught.value.code == "mixed_decimal" and caught.value.locator == "lines 3 and 9"
    assert "'0.01'" in str(caught.value) and "'0,02'" in str(caught.value)


@pytest.mark.parametrize("token", ["1,234", "1.234", "-12,345"])
def test_a_lone_group_of_three_is_ambiguous(token):
    with pytest.raises(ChipDataError, match="ambiguous_decimal"):
        decide_decimal([(1, "7"), (2, token)])


def test_a_declaration_against_the_evidence_is_refused():
    with pytest.raises(ChipDataError, match="mixed_decimal"):
        decide_decimal([(1, "0,5")], declared=".")


def test_no_locale_ever_gives_a_value_wrong_by_a_thousand():
    """2,000 columns as four locales write them: the value itself, or an error."""
    generator = random.Random(5)
    styles = [(",", "."), (".", ","), (" ", ","), ("'", ".")]
    read = 0
    for _ in range(2000):
        group, sign = generator.choice(styles)
        digits = generator.choice([0, 1, 2, 3, 4])
        values = [round(10 ** generator.uniform(-2, 6), digits) for _ in range(4)]
        texts = [
            f"{value:,.{digits}f}".replace(",", "G").replace(".", sign).replace("G", group)
            for value in values
        ]
        try:
            decimal = decide_decimal(list(enumerate(texts, 1)))
            parsed = [parse_number(text, decimal) for text in texts]
        except ChipDataError:
            continue
        read += 1
        assert parsed == values, texts
    assert read > 200  # most columns hold a group separator or only unclear tokens


@pytest.mark.parametrize(
    ("text", "state", "low", "high"),
    [
        ("<2.5", Censor.LEFT, None, 2.5),
        ("< 2.5", Censor.LEFT, None, 2.5),
        ("≤2.5", Censor.LEFT, None, 2.5),
        (">1000", Censor.RIGHT, 1000.0, None),
        (">= 1e4", Censor.RIGHT, 1e4, None),
        ("OOR <", Censor.LEFT, None, None),
        ("OOR >", Censor.RIGHT, None, None),
        ("OVRFLW", Censor.RIGHT, None, None),
        ("#Sat", Censor.RIGHT, None, None),
        ("Above Detection Range", Censor.RIGHT, None, None),
        ("Below  Fit Curve Range", Censor.LEFT, None, None),
        ("MISSED", Censor.FAILED, None, None),
        ("Undetermined", Censor.FAILED, None, None),
        ("N/A", Censor.MISSING, None, None),
        ("", Censor.MISSING, None, None),
        ("---", Censor.MISSING, None, None),
        ("nan", Censor.MISSING, None, None),
        ("inf", Censor.MISSING, None, None),
        ("1.#INF", Censor.MISSING, None, None),
    ],
)
def test_words_become_states_and_never_a_number(text, state, low, high):
    cell = parse_cell(text)
    assert cell.censor == state and cell.value != cell.value and cell.raw == text
    assert (cell.limit_low == low) if low is not None else cell.limit_low != cell.limit_low
    assert (cell.limit_high == high) if high is not None else cell.limit_high != cell.limit_high


def test_nd_needs_a_declaration_and_numbers_can_be_sentinels():
    with pytest.raises(ChipDataError, match="ambiguous_sentinel"):
        parse_cell("ND")
    assert parse_cell("ND", declared={"ND": Censor.LEFT}).censor == Censor.LEFT
    assert parse_cell("999", declared={"999": Censor.FAILED}).censor == Censor.FAILED
    assert parse_cell("999").value == 999.0


def _stamp(text, order="", zone=""):
    return read_stamps([("line 1", text)], order, zone)[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8/30/2024", datetime(2024, 8, 30)),
        ("23/07/2020 5:09:48 PM", datetime(2020, 7, 23, 17, 9, 48)),
        ("25.01.1706:12:01", datetime(2017, 1, 25, 6, 12, 1)),
        ("31-Mar.-2025 10:12:36:478 p.m.", datetime(2025, 3, 31, 22, 12, 36, 478000)),
        ("2020-07-23, 16:54:44", datetime(2020, 7, 23, 16, 54, 44)),
        ("20-12-2023 12:05:25.537", datetime(2023, 12, 20, 12, 5, 25, 537000)),
        ("19/01/15", datetime(2015, 1, 19)),
        ("02-Dec-2013 15:25:57", datetime(2013, 12, 2, 15, 25, 57)),
        ("1/13/2024 12:00:00 AM", datetime(2024, 1, 13)),
    ],
)
def test_dates_that_show_their_own_order(text, expected):
    stamp = _stamp(text)
    assert stamp.local == expected and stamp.quality == TimeQuality.LOCAL_UNKNOWN
    assert stamp.utc is None


def test_ambiguous_date_is_refused_until_something_decides():
    with pytest.raises(ChipDataError, match="ambiguous_date"):
        _stamp("03/04/2024 10:00")
    assert _stamp("03/04/2024", "DMY").local == datetime(2024, 4, 3)
    assert _stamp("03/04/2024", "MDY").local == datetime(2024, 3, 4)
    assert _stamp("05/05/2024").local == datetime(2024, 5, 5)
    both, order = read_stamps([("line 1", "03/04/2024"), ("line 2", "17/04/2024")])
    assert order == "DMY" and both[0].local == datetime(2024, 4, 3)


def test_rising_times_decide_the_order():
    texts = [("a", "11/12/2023 10:00"), ("b", "12/01/2024 10:00")]
    stamps, order = read_stamps([*texts, ("c", "01/02/2024 10:00")])
    assert order == "DMY"
    assert [one.local.month for one in stamps] == [12, 1, 2]


def test_two_orders_in_one_file_are_refused():
    with pytest.raises(ChipDataError) as caught:
        read_stamps([("line 1", "13/04/2024"), ("line 2", "04/13/2024")])
    assert caught.value.code == "mixed_dates" and "line 1" in caught.value.locator


@pytest.mark.parametrize("text", ["31/02/2024", "13/0/2024", "5/17/1023", "yesterday", "1970", "",
                                  "2024-13-01", "1/13/2024 25:00", "1/13/2024 13:00 PM",
                                  "2024-01-01T00:00:00+99:99"])  # fmt: skip
def test_no_date_is_an_error_and_never_an_epoch(text):
    with pytest.raises(ChipDataError, match="not_a_date"):
        _stamp(text)


def test_zone_is_of_the_file_declared_or_unknown():
    assert _stamp("2024-07-01T10:00:00+02:00").utc == datetime(2024, 7, 1, 8, tzinfo=UTC)
    assert _stamp("2024-07-01 10:00Z").quality == TimeQuality.FILE_ZONE
    declared = _stamp("2024-07-01 10:00", zone="Europe/Berlin")
    assert declared.utc == datetime(2024, 7, 1, 8, tzinfo=UTC)
    assert declared.quality == TimeQuality.DECLARED_ZONE
    with pytest.raises(ChipDataError, match="unknown_timezone"):
        _stamp("2024-07-01 10:00", zone="Berlin")
    with pytest.raises(ChipDataError, match="time_in_clock_change"):
        _stamp("2024-10-27 02:30", zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24 h", 86400.0), ("3d", 259200.0), ("90 min", 5400.0), ("-1 h", -3600.0)],
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["24", 24, "24 m", "h", "", "24 hh", "1_0 h", None, "24 mm"])
def test_durations_without_a_unit_of_time_are_refused(text):
    with pytest.raises(ChipDataError):
        parse_duration(text)


def test_encodings_are_found_or_declared_and_recorded():
    text = "µ;Ω\r\nä;1"
    for encoding, declared in (
        ("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", "utf-16-le"),
    ):  # fmt: skip
        assert decode(text.encode(encoding), declared).lines == ("µ;Ω", "ä;1")
    for encoding in ("cp1252", "latin-1", "mac_roman"):
        content = "ä;µ\r\n1;2\r\n".encode(encoding)
        with pytest.raises(ChipDataError) as caught:
            decode(content)
        assert caught.value.code == "unknown_encoding" and "cp1252" in str(caught.value)
        found = decode(content, encoding)
        assert found.lines[0] == "ä;µ" and found.encoding == encoding
    with pytest.raises(ChipDataError, match="cut_file"):
        decode(text.encode("utf-16")[:-1])
    with pytest.raises(ChipDataError, match="unknown_encoding"):
        decode(b"a", "klingon")


def test_a_mark_on_every_line_is_taken_off():
    assert decode("\ufeffa;1\n\ufeffb;2\n".encode()).lines == ("a;1", "b;2")


@pytest.mark.parametrize("content", [b"", b"  \r\n ", b"\n\n"])
def test_empty_files(content):
    with pytest.raises(ChipDataError, match="empty_file"):
        decode(content)


def test_delimiters():
    assert decide_delimiter(decode(b"a;b\n1,5;2,5\n")) == ";"
    assert decide_delimiter(decode(b"a\tb\n1,5\t2\n")) == "\t"
    assert decide_delimiter(decode(b"a,b\n1,2\n")) == ","
    with pytest.raises(ChipDataError, match="unknown_delimiter"):
        decide_delimiter(decode(b"just words\nand more\n"))
    with pytest.raises(ChipDataError, match="broken_quoting"):
        split_lines(decode(b'a,"b\n1,2\n'), ",")
