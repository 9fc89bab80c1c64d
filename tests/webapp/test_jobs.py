"""Saved jobs: what a save keeps, versions, and who comes second."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests.conftest import stream
from webapp.errors import Conflict, InvalidRequest, NotFound, Stale
from webapp.extensions import db
from webapp.jobs import queries, service
from webapp.jobs.models import SavedJob, SavedJobTag, SavedJobVersion
from webapp.jobs.queries import Filter
from webapp.jobs.schemas import JobBody, key_of
from webapp.requests import check
from webapp.sealing import documents as sealing

TEXT = '{ // by hand\n  "job": {"content": [{}]}}\n'


def body(name: str = "orders", job: Any = TEXT, **fields: Any) -> JobBody:
    return check(JobBody, {"name": name, "job": job, **fields})


def shown(job: SavedJob, number: int | None = None) -> str:
    return sealing.shown(queries.version(job, number).content)


def test_a_job_is_kept_as_its_author_wrote_it(app_on_each_database: Flask) -> None:
    fields = {
        "description": "每日\norders",
        "params": {"day": "2026-01-31", "limit": 3},
        "engine": "duckdb",
        "timeout": 60,
        "retries": 2,
        "queue": "night",
        "tags": ["B", "sales", "b"],
    }
    job = service.create(body("订单 orders", **fields), "ann")
    db.session.expire_all()
    version = queries.version(queries.get(job.id))
    assert shown(job) == TEXT and version.params == fields["params"] and version.created_by == "ann"
    assert (job.name, job.version, job.tags, job.description) == ("订单 orders", 1, ["b", "sales"], "每日\norders")
    assert {name: version.options[name] for name in ("engine", "timeout", "retries", "queue", "priority")} == {
        **{name: fields[name] for name in ("engine", "timeout", "retries", "queue")},
        "priority": 5,
    }


def test_a_save_that_changes_something_is_a_version_more(app_on_each_database: Flask) -> None:
    job = service.create(body(), "ann")
    service.change(job.id, body(job=TEXT + " ", note="a blank"), "bob", based_on=1)
    service.change(job.id, body("Orders 2", TEXT + " ", tags=["x"]), "cid")
    job = queries.get(job.id)
    assert (job.version, job.name, job.changed_by) == (3, "Orders 2", "cid")
    said = [(each.number, each.created_by, each.note) for each in queries.versions(job, 10)]
    assert said == [(3, "cid", ""), (2, "bob", "a blank"), (1, "ann", "")]
    assert [shown(job, number) for number in (1, 2, 3)] == [TEXT, TEXT + " ", TEXT + " "]
    assert [each.number for each in queries.versions(job, 1, before=3)] == [2]


@pytest.mark.parametrize("note", ["", "nothing"])
def test_a_save_that_changes_nothing_is_none(app: Flask, note: str) -> None:
    given = {"params": {"a": 1}, "tags": ["x"], "timeout": 5}
    job = service.create(body(**given), "ann")
    assert service.change(job.id, body(note=note, **given), "bob").version == 1
    assert queries.get(job.id).changed_by == "ann"


@pytest.mark.parametrize(
    "changed",
    [
        {"params": {"a": 1, "b": 2}},
        {"params": {"a": True}},
        {"params": {"a": 1.0}},
        {"params": {}},
        {"tags": ["y"]},
        {"timeout": 6},
        {"timeout": None},
        {"description": "d"},
        {"name": "ORDERS"},
        {"job": TEXT.replace("by hand", "By hand")},
    ],
)
def test_each_part_of_a_job_makes_a_version(app: Flask, changed: dict[str, Any]) -> None:
    given = {"params": {"a": 1}, "tags": ["x"], "timeout": 5}
    job = service.create(body(**given), "ann")
    assert service.change(job.id, body(**{**given, **changed}), "bob").version == 2


def test_the_second_of_two_who_edit_at_once_is_told(app_on_each_database: Flask) -> None:
    job = service.create(body(), "ann")
    service.change(job.id, body(job=TEXT + "1"), "bob", based_on=1)
    with pytest.raises(Stale, match="bob saved version 2 meanwhile"):
        service.change(job.id, body(job=TEXT + "2"), "ann", based_on=1)
    with pytest.raises(Stale):
        service.restore(job.id, 1, "ann", based_on=1)
    with pytest.raises(Stale):
        service.delete(job.id, based_on=1)
    assert shown(queries.get(job.id)) == TEXT + "1"


def test_of_two_saves_at_the_same_moment_one_wins(app_on_each_database: Flask) -> None:
    job = service.create(body(), "ann")
    others = [SavedJob.__table__.update().values(version=2, changed_by="bob")]

    def another(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE saved_job ") and others:
            with db.engine.begin() as connection:
                connection.execute(others.pop())

    engine = db.engine
    event.listen(engine, "before_cursor_execute", another)
    try:
        with pytest.raises(Stale, match="bob"):
            service.change(job.id, body(job=TEXT + "2"), "ann", based_on=1)
    finally:
        event.remove(engine, "before_cursor_execute", another)
    assert not others and db.session.scalar(select(func.count()).select_from(SavedJobVersion)) == 1


def test_restoring_makes_a_version_equal_to_an_old_one_under_the_present_name(app: Flask) -> None:
    job = service.create(body(params={"a": 1}, tags=["x"], timeout=5, description="d"), "ann")
    service.change(job.id, body("renamed", TEXT + "2"), "bob")
    restored = service.restore(job.id, 1, "cid", note="back")
    version = queries.version(restored)
    assert (restored.version, restored.name, restored.tags, restored.description) == (3, "renamed", ["x"], "d")
    assert shown(restored) == TEXT and version.params == {"a": 1} and version.options["timeout"] == 5
    assert (version.restored, version.note, version.created_by) == (1, "back", "cid")
    assert service.restore(job.id, 1, "cid").version == 3
    with pytest.raises(NotFound):
        service.restore(job.id, 9, "cid")


@pytest.mark.parametrize("name", ["orders", "ORDERS", " Orders "])
def test_a_name_is_taken_whatever_its_case(app_on_each_database: Flask, name: str) -> None:
    service.create(body("Orders"), "ann")
    with pytest.raises(Conflict, match="a job named Orders already") as refused:
        service.create(body(name), "bob")
    assert refused.value.errors[0]["pointer"] == "/name"
    other = service.create(body("other"), "bob")
    with pytest.raises(Conflict):
        service.change(other.id, body(name), "bob")


def test_names_that_differ_in_an_accent_are_two(app_on_each_database: Flask) -> None:
    for name in ("Ärger", "Arger", "argér", "straße", "日报"):
        service.create(body(name), "ann")
    assert queries.count() == 5 and queries.named("STRASSE") is queries.named("straße") is not None


def test_a_name_in_two_forms_of_unicode_is_one(app: Flask) -> None:
    service.create(body("é"), "ann")
    with pytest.raises(Conflict):
        service.create(body("e\u0301"), "ann")


def test_a_name_that_comes_twice_at_the_same_moment_is_refused(
    app_on_each_database: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.create(body(), "ann")
    found = queries.named
    answers: Iterator[Any] = iter([None])
    monkeypatch.setattr(queries, "named", lambda name: next(answers, found(name)))
    with pytest.raises(Conflict):
        service.create(body(), "bob")
    assert queries.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " "},
        {"name": "x" * 201},
        {"name": "a\x00b"},
        {"name": "a\nb"},
        {"name": "x" * 100_000},
        {"name": "\ud800"},
        {"tags": ["two words"]},
        {"tags": ["a,b"]},
        {"tags": ["\u202e"]},
        {"tags": ["x" * 41]},
        {"tags": [""]},
        {"tags": [f"t{number}" for number in range(21)]},
        {"note": "x" * 501},
        {"note": "a\nb"},
        {"description": "x" * 10_001},
        {"description": "\x00"},
        {"job": 3},
        {"timeout": 0},
        {"priority": 10},
        {"queue": "a b"},
        {"type": "validate"},
        {"unknown": 1},
    ],
)
def test_what_cannot_be_kept_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        body(**wrong)


def test_half_a_character_is_no_text(app: Flask) -> None:
    with pytest.raises(InvalidRequest):
        service.create(body(job='{"job": "\ud800"}'), "ann")
    with pytest.raises(InvalidRequest, match="0xFF"):
        service.create(body(job='{"job": "\udcff"}'), "ann")


def test_a_document_with_errors_is_kept(app: Flask) -> None:
    assert shown(service.create(body(job='{"job": '), "ann")) == '{"job": '


def test_an_object_becomes_the_text_that_people_read(app: Flask) -> None:
    assert shown(service.create(body(job=stream(1)), "ann")) == json.dumps(stream(1), indent=2)


def test_a_deleted_job_leaves_nothing_but_its_tasks(app_on_each_database: Flask) -> None:
    job_id = service.create(body(tags=["x"]), "ann").id
    service.change(job_id, body(tags=["y"]), "ann")
    service.delete(job_id)
    for table in (SavedJob, SavedJobVersion, SavedJobTag):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(NotFound):
        queries.get(job_id)
    with pytest.raises(NotFound):
        service.delete(job_id)


def test_lists_go_by_name_page_by_page(app_on_each_database: Flask) -> None:
    for number in range(7):
        service.create(body(f"{'aB'[number % 2]} {number}", tags=[f"t{number % 3}"]), "ann")
    names, cursor = [], None
    for _ in range(4):
        found = queries.page(Filter(), 2, cursor)
        names.append([job.name for job in found.jobs])
        cursor = found.next_cursor
    assert names == [["a 0", "a 2"], ["a 4", "a 6"], ["B 1", "B 3"], ["B 5"]] and cursor is None
    assert [job.name for job in queries.page(Filter(tag="t0"), 9).jobs] == ["a 0", "a 6", "B 3"]
    assert [job.name for job in queries.page(Filter(text="b"), 9).jobs] == ["B 1", "B 3", "B 5"]
    assert [job.name for job in queries.page(Filter("B", "t1"), 9).jobs] == ["B 1"]
    assert [job.name for job in queries.page(Filter(text="%"), 9).jobs] == []
    assert queries.tags() == ["t0", "t1", "t2"]
    with pytest.raises(InvalidRequest):
        queries.page(Filter(), 2, "?")


def test_a_tag_is_gone_with_the_last_job_that_has_it(app: Flask) -> None:
    job = service.create(body(tags=["x"]), "ann")
    service.change(job.id, body("renamed", tags=["y"]), "ann")
    assert queries.tags() == ["y"]
    assert [found.name for found in queries.page(Filter(tag="y"), 9).jobs] == ["renamed"]


def test_a_key_is_never_longer_than_its_column() -> None:
    longest = max(len(key_of(chr(point))) for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    assert longest * 200 <= SavedJob.__table__.c.key.type.length
