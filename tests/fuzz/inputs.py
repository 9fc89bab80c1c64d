"""Odd input: real documents and real output with something wrong in them, and what nobody would write."""

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

TESTS = Path(__file__).resolve().parent.parent

# What has broken readers of JSON, of logs and of templates before.
PIECES: tuple[bytes, ...] = (
    *(
        b"",
        b"\x00",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\\u0000",
        b"\\",
        b'\\"',
        b"\r",
        b"\r\n",
    ),
    *(
        b"//",
        b"/*",
        b"*/",
        b"#",
        b"'",
        b'"',
        b"`",
        b",",
        b",,",
        b":",
        b"{",
        b"}",
        b"[",
        b"]",
        b"{}" * 50,
        b"[" * 120,
        b'{"a":' * 120,
    ),
    *(
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-0",
        b"0x1F",
        b"9" * 400,
        b"1" + b"0" * 5000,
        b"true",
        b"nul",
        b"undefined",
        b"new Date(0)",
    ),
    *(
        b"${",
        b"}",
        b"${a}",
        b"${${a}}",
        b"$a",
        b"$$",
        b"${a",
        b"${\n}",
        b"${password}",
        "${日期}".encode(),
        "\u202e".encode(),
    ),
    *(
        b'"password":"hunter2"',
        b'"jdbcUrl":"jdbc:mysql://u:p@h/d?password=x"',
        b'"a":1,"a":2',
        b'"job":null',
        b'"content":[[]]',
    ),
    *(
        b" " * 3000,
        b"a" * 70_000,
        "字".encode() * 2000,
        "😀".encode(),
        b"\x1b[31m",
        b"Code:[",
        b"], Description:[",
        b"| Error ",
    ),
    *(
        "经DataX智能分析,该任务最可能的错误原因是:\n".encode(),
        "任务启动时刻 : ".encode(),
        b"OutOfMemoryError",
        b"\tat java.lang.X\n",
    ),
)


@cache
def documents() -> tuple[bytes, ...]:
    """Jobs of the conformance cases and of real runs."""
    cases = [json.loads(path.read_text()) for path in sorted((TESTS / "conformance" / "cases").glob("*.json"))]
    jobs = [json.dumps(_job(case), ensure_ascii=False, indent=1).encode() for case in cases]
    return (*jobs, *(path.read_bytes() for path in sorted((TESTS / "data" / "datax-samples").glob("*.job.json"))))


@cache
def outputs() -> tuple[bytes, ...]:
    """What real runs printed."""
    return tuple(path.read_bytes() for path in sorted((TESTS / "data" / "datax-samples").glob("*.std*")))


def _job(case: Any) -> Any:
    """The document of a case: the one object in it that has a `job`."""
    if isinstance(case, dict):
        if "job" in case and isinstance(case["job"], dict) and "content" in case["job"]:
            return {"job": case["job"]}
        for held in case.values():
            if (found := _job(held)) is not None:
                return found
    return None


def mutated(random: Random, seeds: tuple[bytes, ...]) -> bytes:
    """One of the seeds after a few accidents; now and then nothing but accidents."""
    data = bytearray(random.choice(seeds) if random.random() < 0.9 else b"")
    for _ in range(random.choice((0, 1, 1, 2, 3, 6, 12))):
        accident(random, data)
    return bytes(data)


def accident(random: Random, data: bytearray) -> None:
    start = random.randint(0, len(data))
    end = min(len(data), start + random.choice((0, 0, 1, 1, 4, 30, 400)))
    kind = random.randrange(6)
    if kind == 0:
        del data[start:end]
    elif kind == 1:
        data[start:end] = data[start:end] * random.choice((2, 3, 50))
    elif kind == 2:
        data[start:end] = random.randbytes(random.randint(0, 8))
    elif kind == 3 and data:
        at = random.randrange(len(data))
        data[at] ^= 1 << random.randrange(8)
    else:
        data[start:end] = random.choice(PIECES)


def pieces(random: Random, data: bytes) -> list[bytes]:
    """The same bytes as a pipe may bring them."""
    found, at = [], 0
    while at < len(data):
        size = random.choice((1, 2, 7, 64, 1000, 65_536))
        found.append(data[at : at + size])
        at += size
    return found


def value(random: Random, depth: int = 0) -> Any:
    """A parameter's value, of every kind that a request may bring."""
    if depth < 3 and random.random() < 0.15:
        return [value(random, depth + 1) for _ in range(random.randrange(4))]
    if depth < 3 and random.random() < 0.1:
        return {text(random): value(random, depth + 1) for _ in range(random.randrange(3))}
    return random.choice((None, True, -1, 10**30, 1.5, "", text(random), text(random) + text(random)))


def text(random: Random) -> str:
    return random.choice(PIECES).decode("utf-8", random.choice(("replace", "surrogateescape", "ignore")))
