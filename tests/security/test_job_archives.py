"""Archives and folders of jobs made to break what reads them."""

import io
import struct
import zipfile

import pytest
from flask.testing import FlaskClient

from tests.webapp.test_jobs_files import JOB, packed, parts
from webapp.jobs import archive, queries

MIB = 1024 * 1024


def reasons(sent: dict[str, bytes]) -> list[str]:
    return [str(file.refused) for file in archive.read(sent.items()) if file.refused]


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed({f"{number}.json": b" " * (9 * MIB) for number in range(3)})
    assert len(bomb) < MIB
    assert len(reasons({"a.zip": bomb})) == 3
    many = packed({f"{number}.json": b" " * (8 * MIB) for number in range(20)})
    found = archive.read({"a.zip": many}.items())
    assert sum(len(file.content) for file in found) <= archive.MOST_BYTES and "left out" in str(found[-1].refused)


def test_an_archive_that_lies_about_a_size_is_not_believed() -> None:
    made = bytearray(packed({"a.json": b" " * (9 * MIB)}))
    at = made.rindex(b"PK\x01\x02")
    made[at + 24 : at + 28] = struct.pack("<I", 10)
    assert len(reasons({"a.zip": bytes(made)})) == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_all_at_once_is_not_unpacked(method: int) -> None:
    assert "deflate" in reasons({"a.zip": packed({"a.json": JOB}, method)})[0]


def test_an_archive_of_very_many_files_is_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(4 * archive.MOST_FILES + 1):
            made.writestr(zipfile.ZipInfo(f"{number}.json"), b"")
    assert "too many files" in reasons({"a.zip": out.getvalue()})[0]


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000, packed({"a.json": JOB})[:-30]])
def test_what_is_no_archive_is_said(content: bytes) -> None:
    assert "no ZIP archive" in reasons({"a.zip": content})[0]


def test_a_damaged_and_an_encrypted_file_stop_no_other() -> None:
    made = bytearray(packed({"a.json": JOB * 100, "b.json": JOB}))
    made[60] ^= 0xFF
    found = archive.read({"a.zip": bytes(made)}.items())
    assert [file.path for file in found if not file.refused] == ["b.json"]
    locked = bytearray(packed({"a.json": JOB}))
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in reasons({"a.zip": bytes(locked)})[0]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd.json", "etc/passwd.json"),
        ("/etc/a.json", "etc/a.json"),
        ("C:\\x\\a.json", "C:/x/a.json"),
        ("a/./../b.json", "a/b.json"),
    ],
)
def test_a_path_is_only_a_name(name: str, path: str) -> None:
    (file,) = archive.read({"a.zip": packed({name: JOB})}.items())
    assert file.path == path and file.content == JOB


def test_deep_folders_and_archives_in_archives_are_passed_by() -> None:
    assert "too deep" in reasons({"a.zip": packed({"d/" * 30 + "a.json": JOB})})[0]
    assert archive.read({"a.zip": packed({"b.zip": packed({"a.json": JOB}), "__MACOSX/c.json": JOB})}.items()) == []


def test_a_folder_of_many_files_comes_in_one_form(api: FlaskClient) -> None:
    files = parts({f"f/{number}.json": b'{"job": {}}' for number in range(1500)})
    answer = api.post("/api/jobs/import", data={"file": files, "dry_run": "true"}, content_type="multipart/form-data")
    assert answer.status_code == 200 and answer.json["new"] == 1500 and queries.count() == 0
