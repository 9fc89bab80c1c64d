"""Java's date patterns."""

from datetime import datetime

import duckdb
import pytest

from engines.duckdb.dates import JavaDate, PatternError, micros, read_default
from engines.duckdb.failure import Failure
from engines.duckdb.types import Column, Kind, text_of

EPOCH = datetime(1970, 1, 1)


def at(text: str) -> int:
    return round((datetime.fromisoformat(text) - EPOCH).total_seconds() * 1_000_000)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("yyyy-MM-dd HH:mm:ss", "2024-01-02 03:04:05", "2024-01-02T03:04:05"),
        ("yyyy-MM-dd", "2024-01-02 03:04:05", "2024-01-02"),
        ("yyyy-MM-dd", "2024-13-45", "2025-02-14"),
        ("yyyy-MM-dd", "2024-1-2", "2024-01-02"),
        ("yyyy-MM-dd HH:mm:ss", "2023-02-28 24:00:61", "2023-03-01T00:01:01"),
        ("yyyyMMdd", "20240229", "2024-02-29"),
        ("yyyyMMddHHmmss", "20240102030405", "2024-01-02T03:04:05"),
        ("yyyy/M/d", "2024/12/31", "2024-12-31"),
        ("yyyy.MM.dd", "2024.01.02", "2024-01-02"),
        ("dd/MM/yyyy", "31/12/1999", "1999-12-31"),
        ("yyyy-MM-dd'T'HH:mm:ss", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05"),
        ("yyyy-MM-dd HH:mm:ss.SSS", "2024-01-02 03:04:05.678", "2024-01-02T03:04:05.678"),
        ("yyyy年MM月dd日", "2024年01月02日", "2024-01-02"),
        ("HH:mm", "23:59", "1970-01-01T23:59"),
        ("yyyy-MM-dd", " 2024- 1- 2", "2024-01-02"),
        ("yyyy-MM-dd", "2024/01/02", None),
        ("yyyy-MM-dd", "", None),
        ("yyyy-MM-dd", "abc", None),
        ("yyyyMMdd", "2024010", "2023-12-31"),
        ("yyyy-MM-dd", "99999999999-01-01", None),
        ("yyyy-MM-dd HH:mm:ssZ", "2024-01-02 03:04:05+0000", "2024-01-02T11:04:05"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-01-02T03:04:05Z", "2024-01-02T11:04:05"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-01-02T03:04:05+02:00", "2024-01-02T09:04:05"),
        ("yyyy-MM-dd HH:mm:ss X", "2024-01-02 03:04:05 -08", "2024-01-02T19:04:05"),
        ("yyyy-MM-dd HH:mm:ssXX", "2024-01-02 03:04:05", None),
        ("yyyyDDD", "2024032", "2024-02-01"),
        ("yyyy-mm-dd hh:mm:ss", "1988-09-08 08:07:06", "1988-01-08T08:07:06"),
        ("yyyy-MM-dd hh:mm", "2024-01-02 12:04", "2024-01-02T00:04"),
        ("yyyy-MM-dd hh:mm", "2024-01-02 13:04", "2024-01-02T13:04"),
        ("yyyy-MM-dd hh:mm a", "2024-01-02 12:04 上午", "2024-01-02T00:04"),
        ("yyyy-MM-dd hh:mm a", "2024-01-02 12:04 下午", "2024-01-02T12:04"),
        ("yyyy-MM-dd hh:mm a", "2024-01-02 13:04 下午", "2024-01-03T01:04"),
        ("yyyy-MM-dd hh:mm a", "2024-01-02 03:04 PM", None),
        ("yyyy-MM-dd KK:mma", "2024-01-02 11:04下午", "2024-01-02T23:04"),
        ("yyyy-MM-dd kk:mm", "2024-01-02 24:04", "2024-01-02T00:04"),
        ("yyyy-MM-dd a", "2024-01-02 下午", "2024-01-02T12:00"),
        ("HH a", "03 下午", "1970-01-01T03:00"),
        ("yyyyMMddhhmmss", "20240102120405", "2024-01-02T00:04:05"),
    ],
)
def test_a_pattern_reads_as_java_does(pattern: str, text: str, expected: str | None) -> None:
    assert JavaDate.to_read(pattern).read(text) == (None if expected is None else at(expected))


@pytest.mark.parametrize("pattern", ["EEE", "yyyy-MM-dd z", "HH hh", "dd-MMM-yyyy", "yyyy'T", "G", "yyyyMMDDD", "XXXX"])
def test_what_cannot_be_read_alike_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        JavaDate.to_read(pattern)


def test_the_name_of_a_zone_is_refused_when_it_comes() -> None:
    with pytest.raises(Failure, match="PST"):
        JavaDate.to_read("yyyy-MM-dd Z").read("2024-01-02 PST")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("yyyy/MM/dd", "0024/02/09"),
        ("yy-M-d", "24-2-9"),
        ("yyyyMMddHHmmssSSS", "00240209030405678"),
        ("H:m:s", "3:4:5"),
        ("yyyy-MM-dd'T'HH:mm", "0024-02-09T03:04"),
        ("100% 'd''d'", "100% d'd"),
        ("D DDD", "40 040"),
        ("HH'h'XXX", "03h+08:00"),
        ("HH X XX Z", "03 +08 +0800 +0800"),
        ("HH z", "03 GMT+08:00"),
        ("ss.S", "05.678"),
        ("SSSSSS", "000678"),
        ("h:mm a", "3:04 上午"),
    ],
)
def test_a_pattern_prints_as_java_does(pattern: str, expected: str) -> None:
    assert printed(pattern, "0024-02-09 03:04:05.678901") == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("13:04:05.006", "下午01 6"), ("00:04:05.000999", "上午12 0"), ("12:04:05.060", "下午12 60")],
)
def test_milliseconds_have_no_zeros_in_front_where_the_pattern_asks_for_none(moment: str, expected: str) -> None:
    assert printed("ahh S", f"2024-02-09 {moment}") == expected


def printed(pattern: str, moment: str) -> str:
    made = text_of(Column(Kind.DATE, "TIMESTAMP"), f"TIMESTAMP '{moment}'", JavaDate(pattern).printed)
    (found,) = duckdb.sql(f"SELECT {made}").fetchall()
    return str(found[0])


@pytest.mark.parametrize("pattern", ["MMM", "SS", "yyyyy", "k", "dddd"])
def test_what_cannot_be_printed_alike_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        _ = JavaDate(pattern).printed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-02 03:04:05", "2024-01-02T03:04:05"),
        ("2024-01-02 03:04:05.123456", "2024-01-02T03:04:05.123456"),
        ("2024-01-02 03:04:05.5 and more", "2024-01-02T03:04:05.5"),
        ("2024-01-02", "2024-01-02"),
        ("2024-01-02T03:04:05", "2024-01-02"),
        ("2024-1-2 3:4:5", "2024-01-02T03:04:05"),
        ("12:34:56", "1970-01-01T12:34:56"),
        ("2024-01-02 24:00:00", "2024-01-02"),
        ("2024-01-02 25:61:61", "2024-01-02T02:02:01"),
        ("20240102", "2024-01-02"),
        ("2024/01/02", None),
        ("", None),
        ("null", None),
        (" 2024-01-02", None),
        ("2024010", "2023-12-31"),
        ("202401", None),
    ],
)
def test_a_date_without_a_format_is_tried_as_datax_tries_it(text: str, expected: str | None) -> None:
    assert read_default(text) == (None if expected is None else at(expected))


@pytest.mark.parametrize("day", ["0001-01-01", "1600-02-29", "1969-12-31", "2000-02-29", "2100-03-01", "9999-12-31"])
def test_days_are_counted_right(day: str) -> None:
    year, month, number = (int(part) for part in day.split("-"))
    assert micros(year, month, number) == at(day)
