"""The transformers, by what Java makes of the same."""

from pathlib import Path
from typing import Any

import pytest

from tests.engines.duckdb.inprocess import content, run, text_reader, text_writer, through, written


def step(name: str, *paras: str, index: int = 0) -> dict[str, Any]:
    return {"name": name, "parameter": {"columnIndex": index, "paras": list(paras)}}


# A row that fails is shown by None.
@pytest.mark.parametrize(
    ("transformer", "values", "expected"),
    [
        (step("dx_substr", "1", "3"), ["abcdef", "ab", "a", "\\N"], ["bcd", "b", "", "null"]),
        (step("dx_substr", "2", "1"), ["a", "ab", "abc"], [None, "", "c"]),
        (step("dx_substr", "-1", "1"), ["abc", "\\N"], [None, "null"]),
        (step("dx_substr", "0", "-1"), ["abc"], [None]),
        (step("dx_substr", "0", "2"), ["😀a", "中文字"], ["😀", "中文"]),
        (step("dx_substr", "1", "2"), ["😀ab", "a😀b"], ["?a", "😀"]),
        (step("dx_substr", "0", "2"), ["a😀b"], ["a?"]),
        (step("dx_substr", "x", "1"), ["abc"], [None]),
        (step("dx_substr", "1"), ["abc"], [None]),
        (step("dx_pad", "l", "5", "0"), ["abc", "abcdefg", "\\N", ""], ["00abc", "abcde", "00000", "00000"]),
        (step("dx_pad", "R", "6", "xy"), ["abc", "abcde"], ["abcxyx", "abcdex"]),
        (step("dx_pad", "l", "6", "xy"), ["abc"], ["xyxabc"]),
        (step("dx_pad", "l", "4", "😀"), ["a", "😀"], ["😀?a", "😀😀"]),
        (step("dx_pad", "l", "0", "x"), ["abc"], [""]),
        (step("dx_pad", "m", "5", "0"), ["abc"], [None]),
        (step("dx_pad", "l", "-1", "0"), ["abc"], [None]),
        (step("dx_replace", "1", "2", "**"), ["abcdef", "ab", "a", "", "\\N"], ["a**def", "a**", "a**", None, "null"]),
        (step("dx_replace", "0", "100", "it's"), ["abc", ""], ["it's", "it's"]),
        (step("dx_replace", "-1", "1", "x"), ["abc"], [None]),
        (step("dx_replace", "2", "-1", "x"), ["abcd"], ["abxbcd"]),
        (step("dx_replace", "1", "1", "-"), ["a中b", "😀ab"], ["a-b", "?-ab"]),
        (step("dx_digest", "md5", "toUpperCase"), ["abc"], ["900150983CD24FB0D6963F7D28E17F72"]),
        (step("dx_digest", "sha1", "toLowerCase"), ["", "\\N"], ["da39a3ee5e6b4b0d3255bfef95601890afd80709"] * 2),
        (step("dx_digest", "MD5", "TOUPPERCASE"), ["abc"], ["a9993e364706816aba3e25717850c26c9cd0d89d"]),
        (step("dx_digest", "sha256", "toLowerCase"), ["abc"], [None]),
        (step("dx_digest", "md5", "upper"), ["abc"], [None]),
    ],
)
def test_a_text_is_changed_or_the_row_fails(
    transformer: dict[str, Any], values: list[str], expected: list[str | None], tmp_path: Path
) -> None:
    lines = "".join(f"{value},{number}\n" for number, value in enumerate(values))
    outcome = through(lines, tmp_path, nullFormat="\\N", transformers=[transformer])
    good = [f"{text},{number}" for number, text in enumerate(expected) if text is not None]
    assert written(tmp_path / "out")[0].decode().splitlines() == good
    assert (outcome.read, outcome.failed) == (len(values), len(values) - len(good))
    if len(good) < len(values):
        assert f"{'Transformer失败记录总数':<26}: {outcome.failed:>19}" in outcome.output
    assert all(
        entry["message"].startswith(f"transformer({transformer['name']}) has Exception(Code:[Transformer")
        for entry in outcome.dirty
    )


NULL = "\\N"


@pytest.mark.parametrize(
    ("kind", "operator", "value", "values", "kept"),
    [
        ("long", ">", "4", ["1", "5", NULL], ["1", "null"]),
        ("long", ">=", "4", ["3", "4", "5"], ["3"]),
        ("long", "<", "4", ["3", "4", NULL], ["4", "null"]),
        ("long", "<=", "4", ["3", "4", "5"], ["5"]),
        ("long", "=", "4", ["3", "4", NULL], ["3", "null"]),
        ("long", "==", "null", [NULL], []),
        ("long", "!=", "4", ["3", "4", NULL], ["4"]),
        ("long", "!=", "NULL", [NULL], ["null"]),
        ("double", ">", "2", ["1.5", "2.5", "NaN"], ["1.5", "NaN"]),
        ("double", "=", "2.50", ["2.5", "2.6"], ["2.6"]),
        ("double", "<", "1e1", ["9", "11"], ["11"]),
        ("string", ">", "b", ["a", "b", "c"], ["a", "b"]),
        ("string", "=", "abc", ["abc", "abd"], ["abd"]),
        ("string", "like", "a.*", ["abc", "xab", "a", NULL], ["xab", "null"]),
        ("string", "not like", "a.*", ["abc", "xab", NULL], ["abc"]),
        ("string", "LIKE", "\\d{3}|x?", ["123", "12", "x", ""], ["12"]),
        ("string", "like", "[^a-c]\\Q.*\\E", ["d.*", "a.*", "dxx"], ["a.*", "dxx"]),
        ("string", "like", "it's", ["it's", "its"], ["its"]),
        ("long", "like", "1.*", ["12", "21"], ["21"]),
        ("boolean", "=", "true", ["true", "false"], ["false"]),
        ("date", ">", "1704135845000", ["2024-01-02 03:04:05", "2024-01-02 03:04:06"], ["2024-01-02 03:04:05"]),
        ("date", "=", "1704135845000", ["2024-01-02 03:04:05", NULL], ["null"]),
    ],
)
def test_rows_that_match_are_dropped(
    kind: str, operator: str, value: str, values: list[str], kept: list[str], tmp_path: Path
) -> None:
    columns = [{"index": 0, "type": kind}, {"index": 1, "type": "string"}]
    lines = "".join(f"{each},x\n" for each in values)
    outcome = through(lines, tmp_path, columns, nullFormat=NULL, transformers=[step("dx_filter", operator, value)])
    assert [line.removesuffix(",x") for line in written(tmp_path / "out")[0].decode().splitlines()] == kept
    assert (outcome.read, outcome.failed) == (len(kept), 0)
    assert f"{'Transformer过滤记录总数':<26}: {len(values) - len(kept):>19}" in outcome.output


@pytest.mark.parametrize(
    ("kind", "paras"),
    [("long", [">", "x"]), ("long", ["~", "1"]), ("double", ["=", "one"]), ("long", [">", ""]), ("long", [">"])],
)
def test_a_filter_that_cannot_compare_makes_every_row_bad(kind: str, paras: list[str], tmp_path: Path) -> None:
    outcome = through("1,a\n2,b\n", tmp_path, [{"index": 0, "type": kind}], transformers=[step("dx_filter", *paras)])
    assert (outcome.read, outcome.failed) == (2, 2)


def test_a_number_beyond_java_long_cannot_be_compared(tmp_path: Path) -> None:
    columns = [{"index": 0, "type": "long"}]
    outcome = through("9223372036854775808\n5\n", tmp_path, columns, transformers=[step("dx_filter", ">", "6")])
    assert (outcome.read, outcome.failed) == (2, 1)


def test_steps_follow_each_other_and_see_what_the_one_before_made(tmp_path: Path) -> None:
    steps = [step("dx_substr", "1", "2"), step("dx_filter", "=", "bc"), step("dx_pad", "r", "3", "!")]
    outcome = through("abcd,1\nxyzw,2\nq,3\n", tmp_path, transformers=steps)
    assert written(tmp_path / "out") == [b"yz!,2\n!!!,3\n"]
    assert outcome.read == 2


def test_a_column_that_no_row_has_fails_the_job(tmp_path: Path) -> None:
    outcome = through("1,a\n", tmp_path, transformers=[step("dx_substr", "0", "1", index=2)])
    assert (outcome.exit_code, outcome.code) == (1, "TransformerErrorCode-05")


def test_rows_of_different_length_fail_where_they_lack_the_column(tmp_path: Path) -> None:
    outcome = through("a,b\nc\n", tmp_path, ["*"], transformers=[step("dx_pad", "l", "2", "-", index=1)])
    assert written(tmp_path / "out") == [b"a,-b\n"]
    assert (outcome.read, outcome.failed) == (2, 1)


@pytest.mark.parametrize(
    "pattern", ["a(?=b)", "(a)\\1", "a*+", "[a&&b]", "\\p{Alpha}", "(?i)a", "a{2000}", "[a[b]]", "\\bx"]
)
def test_patterns_that_mean_something_else_here_are_refused(pattern: str, tmp_path: Path) -> None:
    outcome = through("1,a\n", tmp_path, transformers=[step("dx_filter", "like", pattern)])
    assert (outcome.exit_code, outcome.code) == (1, "TransformerErrorCode-05")
    assert "/job/content/0/transformer/0/parameter/paras/1" in outcome.output


def test_dx_groovy_is_left_to_the_engine_datax(tmp_path: Path) -> None:
    job = content(
        text_reader(tmp_path),
        text_writer(tmp_path / "out"),
        {"name": "dx_groovy", "parameter": {"code": "return record"}},
    )
    outcome = run(job, tmp_path)
    assert outcome.code == "TransformerErrorCode-03"
    assert "the engine datax" in outcome.output
