"""Secrets kept out of a stream of bytes."""

import json
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datax_job.redaction import MASK, Masker


def masked(secrets: list[str], data: bytes, size: int | None = None) -> bytes:
    masker = Masker(secrets)
    step = size or len(data) or 1
    return b"".join(masker.mask(data[at : at + step]) for at in range(0, len(data), step)) + masker.flush()


def test_a_secret_is_masked_wherever_it_stands() -> None:
    assert masked(["hunter2"], b"hunter2 a hunter2hunter2") == b"****** a ************"


@pytest.mark.parametrize("size", range(1, 9))
def test_a_secret_cut_over_chunks_is_masked(size: int) -> None:
    assert (
        masked(["hunter2", "中文密码"], "a hunter2 b 中文密码 c hunter".encode(), size) == b"a ****** b ****** c hunter"
    )


def test_of_two_that_begin_together_the_longer_wins() -> None:
    for size in (1, 2, 3, 100):
        assert masked(["abc", "abcdef"], b"abcdef abcde", size) == b"****** ******de"


def test_only_what_may_begin_a_secret_is_held_back() -> None:
    masker = Masker(["hunter2"])
    assert masker.mask(b"a line\n") == b"a line\n"
    assert masker.mask(b"hun") == b""
    assert masker.mask(b"dred\n") == b"hundred\n"
    assert masker.flush() == b""


def test_a_secret_is_known_as_json_and_urls_write_it() -> None:
    secret = 'p"ä\\s/ &ß'
    written = [secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    written += [quote(secret, safe=""), quote(secret, safe="").lower(), quote_plus(secret)]
    for form in written:
        assert masked([secret], f"<{form}>".encode()) == f"<{MASK}>".encode(), form


def test_a_secret_of_two_characters_is_not_masked_by_value() -> None:
    assert masked(["ab", ""], b"abab") == b"abab"


def test_without_secrets_bytes_pass_as_they_are() -> None:
    assert masked([], bytes(range(256)), 7) == bytes(range(256))


@given(
    st.lists(st.text("ab中", min_size=3, max_size=6), min_size=1, max_size=4),
    st.text("ab中 ", max_size=60),
    st.lists(st.integers(0, 60), max_size=8),
)
def test_the_cuts_of_a_stream_make_no_difference(secrets: list[str], text: str, cuts: list[int]) -> None:
    data = text.encode()
    masker = Masker(secrets)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [masker.mask(data[start:end]) for start, end in zip(edges, edges[1:], strict=False)]
    out = b"".join(pieces) + masker.flush()
    assert out == masked(secrets, data)
    assert not any(secret.encode() in out for secret in secrets)


def test_a_line_without_a_hit_costs_little() -> None:
    masker = Masker(["hunter2xyz!", "S3cr&t/pass", "anotherpassword"])
    chunk = (b"2026-11-23 08:55:21.057 [job-0] INFO  StandAloneJobContainerCommunicator - Total 200 records\n" * 700)[
        :65536
    ]
    began = time.process_time()
    for _ in range(160):
        masker.mask(chunk)
    # 500 MB/s on an idle machine; this is 20.
    assert time.process_time() - began < 0.5


def test_a_key_file_is_masked_whole() -> None:
    secret = "".join(chr(97 + number * number % 26) for number in range(5000))
    for size in (100, 3000, 10_000):
        out = masked([secret], f"<{secret}>".encode(), size)
        assert out.replace(MASK.encode(), b"") == b"<>"


def test_a_secret_made_to_keep_it_busy_costs_little() -> None:
    masker = Masker(["a" * 60_000 + "b"])
    began = time.process_time()
    for _ in range(10):
        masker.mask(b"a" * 65536)
    assert time.process_time() - began < 5


def test_memory_does_not_grow_with_the_stream() -> None:
    masker = Masker(["a" * 50])
    for _ in range(1000):
        masker.mask(b"a" * 49 + b"b" + b"a" * 49)
        assert len(masker._held) < 50
