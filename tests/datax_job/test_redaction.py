"""Secrets hidden in values and in texts."""

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datax_job.document import parse
from datax_job.problem import DocumentError
from datax_job.redaction import MASK, is_secret_name, redact, redact_parameters, redact_text, secrets

CANARY = "c4n4ry-Wert"
SECRET_NAMES = ["password", "userPassword", "PASSWD", "db_pwd", "secretKey", "accessKey", "accessId", "access-key-id"]
SECRET_NAMES += ["token", "securityToken", "bearerToken", "credentials", "*password", "kerberosPassphrase", "api_key"]
SECRET_NAMES += ["ak", "SK", "appKey", "Signature"]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_value_under_a_secret_name_is_hidden(name: str) -> None:
    assert is_secret_name(name)
    for value in (CANARY, [CANARY], {"a": [{"b": CANARY}]}):
        hidden = redact({"x": [{name: value}]})
        assert CANARY not in json.dumps(hidden) and MASK in json.dumps(hidden)
        assert secrets({"x": [{name: value}]}) == {CANARY}


@pytest.mark.parametrize(
    "name", ["username", "column", "key", "path", "splitPk", "primaryKey", "partition", "keyspace"]
)
def test_other_names_hide_nothing(name: str) -> None:
    assert redact({name: ["password", CANARY]}) == {name: ["password", CANARY]}


def test_numbers_are_hidden_too() -> None:
    assert redact({"password": [12345, 1.5]}) == {"password": [MASK, MASK]}
    assert secrets({"password": [12345, 1.5]}) == {"12345", "1.5"}


def test_what_hides_nothing_is_shown() -> None:
    value = {"password": "", "token": None, "secret": True, "pwd": "${db_password}"}
    assert redact(value) == value
    assert secrets(value) == frozenset()


URLS = [
    "jdbc:mysql://h:3306/db?user=u&password=%s",
    "jdbc:mysql://h/db?password=%s&useSSL=false",
    "jdbc:mysql://h/db?PASSWORD=%s&a=b",
    "jdbc:postgresql://h/db?ssl=true&sslpassword=%s&x=y",
    "jdbc:postgresql://u:%s@h:5432/db",
    "jdbc:sqlserver://h:1433;databaseName=d;user=u;password=%s;encrypt=true",
    "jdbc:db2://h:50000/d:user=u;password=%s;",
    "jdbc:oracle:thin:u/%s@//h:1521/s",
    "mongodb://u:%s@h1:27017,h2:27017/db",
    "https://u:%s@h/path?x=1",
    "http://h/path?access_token=%s",
    "see http://h/p?token=%s and so on",
    "CREATE USER x IDENTIFIED BY '%s'",
    "create user x identified with sha256_password by '%s' require ssl",
    "alter role x with password '%s' valid until 'infinity'",
    "set password for u = password('%s')",
    "jdbc:mysql://(host=h,user=u,password=%s)/d",
    "jdbc:mysql://address=(host=h)(port=3306)(user=u)(password=%s)/d",
    "https://h/x?Expires=5&Signature=%s",
    'org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="%s";',
    "Server=h;Database=d;Uid=u;Password=%s;",
    "host=h user=u password=%s",
]


@pytest.mark.parametrize("url", URLS)
def test_credentials_inside_urls_and_sql_are_hidden(url: str) -> None:
    value = {"connection": [{"jdbcUrl": [url % CANARY]}]}
    assert redact(value) == {"connection": [{"jdbcUrl": [url % MASK]}]}
    assert CANARY in secrets(value)
    assert CANARY not in redact_text(json.dumps(value))


def test_a_password_in_a_url_may_hold_what_urls_hold() -> None:
    assert redact("jdbc:mysql://h/d?password=a;b c'd&x=1") == f"jdbc:mysql://h/d?password={MASK}&x=1"
    assert redact("jdbc:sqlserver://h;password={a;b&c};x=1") == f"jdbc:sqlserver://h;password={MASK};x=1"
    assert secrets({"u": "jdbc:mysql://h/d?password=a%40b%2F"}) >= {"a%40b%2F", "a@b/"}
    assert redact("mongodb://u:p:@ss@h/d") == f"mongodb://u:{MASK}@h/d"


@pytest.mark.parametrize(
    "text",
    [
        "jdbc:mysql://h:3306/db?useSSL=false&user=u",
        "select a.token from a where a.token = b.token",
        "select a.token from a where a.token=b.token and a.password=b.password",
        "http://h:80/a@b?x=y",
        "jdbc:mysql://h/d?password=${pw}",
        "password",
        "delete from t where name = 'x'",
    ],
)
def test_what_holds_no_credential_is_shown(text: str) -> None:
    assert redact(text) == text
    assert secrets({"a": text}) <= {"${pw}"}


def test_the_original_is_not_changed() -> None:
    value = {"password": "x" * 8, "a": [{"token": "y" * 8}]}
    before = copy.deepcopy(value)
    redact(value)
    assert value == before


TEXT = """\
// "password": "old-@@",
{ job : {   /* token=@@ */
    'password' : '@@', // password: @@
    "pwd" :  12345678,
  "url":"jdbc:mysql://h/d?password=@@&x=1",  "n": [1,2 , 3],
  "secret": [ "@@", {"x": "@@"} ],
} }
""".replace("@@", CANARY)


def test_a_text_keeps_its_comments_and_its_layout() -> None:
    clean = redact_text(TEXT)
    assert CANARY not in clean and "12345678" not in clean
    assert clean.count("\n") == TEXT.count("\n")
    assert '"url":"jdbc:mysql://h/d?password=******&x=1",  "n": [1,2 , 3],' in clean
    assert clean.startswith("// ") and "/* " in clean
    assert parse(clean).value == redact(parse(TEXT).value)
    assert redact_text(TEXT.encode()) == clean


BROKEN = [
    '{"password": "%s"',
    '{"password": "%s\\q"}',
    '{"password" : "%s',
    "{password = %s",
    "password: '%s'",
    '{"secret": ["%s", "x"',
    '{"secret": {"a": "%s"',
    '{"u": "jdbc:mysql://h/d?password=%s&a=b"',
    '{"u": "http://u:%s@h/"',
    '{"password": 1, "password": "%s"}',
    "token=%s",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_text_that_is_no_document_is_cleaned_all_the_same_and_becomes_none(text: str) -> None:
    clean = redact_text(text % CANARY)
    assert CANARY not in clean
    with pytest.raises(DocumentError):
        parse(clean)


def test_bytes_that_are_no_text_are_cleaned_too() -> None:
    assert CANARY not in redact_text(b'\xff{"password": "' + CANARY.encode() + b'"}')


def test_parameters_that_fill_a_secret_place_are_hidden() -> None:
    source = '{"password": "${a}", "u": "jdbc:x://h?password=${b}&user=${c}", "v": "http://u:${d}@h", "w": "${c}"}'
    params: dict[str, Any] = {"a": "1", "b": 2, "c": "3", "d": "4", "token": "5", "e": True}
    assert redact_parameters(params, source) == {**dict.fromkeys("abd", MASK), "c": "3", "token": MASK, "e": True}
    assert redact_parameters(params) == {**params, "token": MASK}
    assert redact_parameters({"token": "x"}, "not json") == {"token": MASK}


SAFE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    SAFE | st.integers() | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(SAFE | st.sampled_from(["password", "token", "url"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
@settings(deadline=None)
def test_a_document_stays_a_document_of_the_same_shape(value: Any) -> None:
    text = json.dumps({"v": value, "password": "p4ssw0rd"}, indent=2)
    clean = parse(redact_text(text)).value
    assert clean == redact(parse(text).value)
    assert redact(clean) == clean


@given(st.text(st.sampled_from("{}[]:,\"'\\/* \npasword=x1&?;@."), max_size=60))
@settings(deadline=None)
def test_no_text_whatever_breaks_it(text: str) -> None:
    assert isinstance(redact_text(text), str)
    assert isinstance(redact_text(text.encode()), str)


@pytest.mark.parametrize(
    "text",
    [
        "password" + " " * 300_000,
        "://" * 100_000,
        "://" + "a:" * 150_000,
        "identified with " * 30_000,
        "password='" * 30_000,
        "jdbc:?" + "a" * 300_000,
        "jdbc:x://" + "?a=" * 100_000,
        '"' + "\\" * 300_001,
        '{"password":"' * 30_000,
        "jdbc:oracle:a:" * 30_000,
        "/*" * 150_000,
        "a" * 300_000,
        "'" * 300_001,
    ],
)
def test_no_text_makes_it_slow(text: str) -> None:
    began = time.process_time()
    redact_text(text)
    redact({"a": text})
    secrets({"a": text})
    # Milliseconds when the work is linear, minutes when it is not.
    assert time.process_time() - began < 5
