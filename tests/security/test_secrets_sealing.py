"""Documents and parameters at rest: no secret in them, and every byte comes back."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from datax_job import redaction
from tests.webapp.visitor import Visitor
from webapp import doctor
from webapp.config import SettingError, load
from webapp.extensions import db
from webapp.sealing import documents, messages
from webapp.sealing.keys import CannotOpen, Keyring
from webapp.tasks import sealed
from webapp.tasks.models import Task, TaskDocument
from webapp.tasks.submission import Submission

CANARY = "c4n4ry-Wert"
KEYS = Keyring(SecretStr(Fernet.generate_key().decode()), Path("unused"))

DOCUMENT = """\
// "password": "old-@@",
{ "job" : {   /* token=@@ */
    'password' : '@@', // password: @@
    "pwd" :  12345678,
  "url":"jdbc:mysql://h/d?password=@@&x=1",  "n": [1,2 , 3],
  "escaped":"jdbc:mysql:\\/\\/h/d?password=@@",
  "secret": [ "@@", {"x": "@@"} ],
} }
""".replace("@@", CANARY)


def sealed_of(text: str) -> bytes:
    return documents.seal(KEYS, text.encode())


def test_a_sealed_document_holds_no_secret_and_all_the_rest_of_its_text() -> None:
    kept = sealed_of(DOCUMENT).decode()
    assert CANARY not in kept and "12345678" not in kept
    assert kept.count("\n") == DOCUMENT.count("\n")
    assert '"url":"jdbc:mysql://h/d?password={sealed:p:' in kept and '&x=1",  "n": [1,2 , 3],' in kept


def test_it_comes_back_byte_for_byte() -> None:
    assert documents.opened(KEYS, sealed_of(DOCUMENT)) == DOCUMENT.encode()


def test_a_page_shows_masks_and_no_ciphertext() -> None:
    shown = documents.shown(sealed_of(DOCUMENT))
    assert CANARY not in shown and "sealed" not in shown and "gAAAA" not in shown
    assert '"url":"jdbc:mysql://h/d?password=******&x=1"' in shown


def test_a_sealed_document_is_still_a_document() -> None:
    kept = documents.shown(sealed_of('{"job": {"password": "p4ss", "port": 1}}'))
    assert kept == redaction.redact_text('{"job": {"password": "p4ss", "port": 1}}')


@pytest.mark.parametrize("text", ['{"password": "%s"', "token=%s", '\ufeff{"password": "%s"}', "{password = %s"])
def test_what_is_no_document_is_sealed_too(text: str) -> None:
    kept = sealed_of(text % CANARY)
    assert CANARY.encode() not in kept
    assert documents.opened(KEYS, kept) == (text % CANARY).encode()


def test_bytes_that_are_no_text_come_back() -> None:
    content = b'\xff\xed\xa0\x80{"password": "' + CANARY.encode() + b'\xfe"}'
    kept = documents.seal(KEYS, content)
    assert CANARY.encode() not in kept and documents.opened(KEYS, kept) == content


def test_a_ciphertext_that_somebody_writes_into_a_document_is_not_opened() -> None:
    stolen = sealed_of(f'{{"password": "{CANARY}"}}').decode()
    token = stolen.split('"')[3]
    for text in (f'{{"column": ["{token}"]}}', f"{token}{token}", f'{{"password": "{token}"}}', f'{{"c": "{stolen}'):
        assert documents.opened(KEYS, sealed_of(text)) == text.encode()


def test_a_ciphertext_that_somebody_gives_as_a_parameter_is_not_opened() -> None:
    stolen = documents.seal_parameters(KEYS, {"token": CANARY}, b"{}")["token"]
    for value in (stolen, stolen[1:-1], f"x{stolen}"):
        kept = documents.seal_parameters(KEYS, {"day": value}, b"{}")
        assert documents.opened_parameters(KEYS, kept) == {"day": value}


def test_parameters_that_are_secret_are_sealed_and_the_others_are_not() -> None:
    content = b'{"password": "${a}", "u": "jdbc:x://h?password=${b}", "w": "${c}"}'
    params: dict[str, Any] = {"a": CANARY, "b": 12345, "c": "3", "url": f"http://u:{CANARY}@h", "token": CANARY}
    kept = documents.seal_parameters(KEYS, params, content)
    assert CANARY not in str(kept) and "12345" not in str(kept) and kept["c"] == "3"
    assert documents.opened_parameters(KEYS, kept) == params
    shown = documents.shown_parameters(kept, documents.seal(KEYS, content))
    assert shown == dict.fromkeys(("a", "b", "url", "token"), "******") | {"c": "3"}


def test_a_document_of_nothing_but_secrets_does_not_grow_without_bound() -> None:
    text = "[" + ",".join(['{"password":"x"}'] * 20_000) + "]"
    kept = sealed_of(text)
    assert len(kept) < 2 * len(text) and documents.opened(KEYS, kept) == text.encode()


@given(st.text(st.sampled_from("{}[]:,\"'\\/* \npasword=x1&?;@.{sealed:vp}"), max_size=80))
@settings(deadline=None)
def test_any_text_comes_back_and_is_shown_without_ciphertext(text: str) -> None:
    kept = sealed_of(text)
    assert documents.opened(KEYS, kept) == text.encode()
    assert "gAAAA" not in documents.shown(kept)


def test_the_arguments_of_a_message_come_back() -> None:
    sent = messages.sealed(KEYS, ({"password": CANARY},), {"name": "x"})
    assert CANARY not in str(sent) and list(sent) == ["sealed"]
    assert messages.opened(KEYS, None, sent) == ({"password": CANARY}, {"name": "x"})
    assert messages.opened(KEYS, None, messages.sealed(KEYS, None, {"job": "{}", "name": "x"})) == ("{}", {"name": "x"})
    assert messages.opened(KEYS, {"job": 1}, {"name": "x"}) == ({"job": 1}, {"name": "x"})
    assert messages.sealed(KEYS, (), {}) == {}


def test_what_was_sealed_for_a_document_is_no_message() -> None:
    for plain in (CANARY, '"text"', "[1]", "{}"):
        with pytest.raises(CannotOpen):
            messages.opened(KEYS, None, {"sealed": KEYS.seal(plain)})


def test_another_key_opens_nothing() -> None:
    other = Keyring(SecretStr(Fernet.generate_key().decode()), Path("unused"))
    with pytest.raises(CannotOpen):
        documents.opened(other, sealed_of(DOCUMENT))


def test_the_generated_key_is_its_owners_alone(app: Flask) -> None:
    app.extensions["keys"].seal("x")
    path = app.config["SETTINGS"].var_dir / "encryption_keys"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_is_none_stops_the_start_without_showing_it() -> None:
    with pytest.raises(SettingError, match=r"ENCRYPTION_KEYS: \(hidden\) is not usable: expected 32 bytes"):
        load({"ENCRYPTION_KEYS": "hunter2"})


def test_the_database_holds_no_secret_of_a_submitted_task(api: FlaskClient, secret_job: dict[str, Any]) -> None:
    task_id = api.post("/api/tasks", json={"job": secret_job, "type": "validate", "params": {"token": CANARY}}).json[
        "id"
    ]
    row = db.session.get_one(TaskDocument, task_id)
    assert CANARY.encode() not in row.content and CANARY not in str(row.params)
    assert CANARY.encode() in sealed.opened(task_id).content and sealed.opened(task_id).params == {"token": CANARY}


def test_a_rerun_keeps_the_secret(api: FlaskClient, secret_job: dict[str, Any]) -> None:
    first = api.post("/api/tasks", json={"job": secret_job, "type": "validate"}).json["id"]
    again = api.post(f"/api/tasks/{first}/rerun").json["id"]
    assert again != first and sealed.opened(again) == sealed.opened(first)


def test_rotation_seals_everything_with_a_new_key(app: Flask, api: FlaskClient, secret_job: dict[str, Any]) -> None:
    body = {"job": secret_job, "type": "validate", "params": {"token": CANARY}}
    task_id = api.post("/api/tasks", json=body).json["id"]
    path = app.config["SETTINGS"].var_dir / "encryption_keys"
    before, plain = path.read_text().split(), sealed.opened(task_id)
    done = app.test_cli_runner().invoke(args=["keys", "rotate", "--forget"])
    assert done.exit_code == 0 and done.output == "Sealed anew: 1.\n"
    assert len(path.read_text().split()) == 1 and path.read_text().split() != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sealed.opened(task_id) == plain


def test_the_doctor_sees_that_another_machine_sealed(app: Flask, api: FlaskClient, secret_job: dict[str, Any]) -> None:
    assert [finding for finding in doctor.examine(app) if finding.name == "secrets"] == []
    api.post("/api/tasks", json={"job": secret_job, "type": "validate"})
    (app.config["SETTINGS"].var_dir / "encryption_keys").unlink()
    (found,) = [finding for finding in doctor.examine(app) if finding.name == "secrets"]
    assert not found.ok and "ENCRYPTION_KEYS" in found.mend


@pytest.fixture
def secret_job(stream_job: dict[str, Any]) -> dict[str, Any]:
    stream_job["job"]["content"][0]["writer"]["parameter"]["password"] = CANARY
    return stream_job


@pytest.mark.parametrize(
    "reader",
    [
        {"name": "txtfilereader", "parameter": {"path": f"ftp://u:{CANARY}@h/x", "column": ["*"]}},
        {"name": f"jdbc:mysql://u:{CANARY}@h/d", "parameter": {}},
        {"name": "mysqlreader", "parameter": {"connection": [{"table": ["t"], "jdbcUrl": [f"jdbc:mysql://u:p?{CANARY}@h/d"]}]}},
    ],
)  # fmt: skip
def test_no_message_and_no_audit_says_the_credentials_of_a_url(
    app: Flask, api: FlaskClient, reader: dict[str, Any]
) -> None:
    visitor = Visitor(app)
    visitor.log_in()
    job = {"job": {"content": [{"reader": reader, "writer": {"name": "streamwriter", "parameter": {"print": True}}}]}}
    for path, body in (
        ("/api/check", {"job": job, "engine": "duckdb"}),
        ("/api/tasks", {"job": job, "engine": "duckdb"}),
        ("/api/tasks", {"job": job, "type": "validate"}),
    ):
        answer = api.post(path, json=body)
        assert answer.status_code in {200, 202, 422} and CANARY not in answer.text
    assert CANARY not in visitor.get("/audit/export.csv").text


def test_what_tells_a_repeated_request_tells_no_secret(api: FlaskClient) -> None:
    """Without the server's key nobody can try passwords against it."""
    body = {"job": {"password": "1234"}, "type": "validate"}
    headers = {"Idempotency-Key": "k1"}
    first, again = (api.post("/api/tasks", json=body, headers=headers).json["id"] for _ in range(2))
    assert first == again
    task = db.session.get_one(Task, first)
    options = Submission.model_validate(body)
    said = (
        json.dumps(options.model_dump(mode="json", exclude={"job"}), sort_keys=True).encode() + b"\n" + options.content
    )
    assert task.fingerprint == options.fingerprint() != hashlib.sha256(said).hexdigest()
