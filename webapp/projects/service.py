"""Make projects, and say who belongs to them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from webapp import signals
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.projects import scope
from webapp.projects.models import DEFAULT, Membership, Project


@dataclass(frozen=True, slots=True)
class Seen:
    """A project and the numbers of the accounts that belong to it."""

    project: Project
    members: frozenset[int]


def everything() -> list[Seen]:
    members: dict[int, set[int]] = {}
    for membership in db.session.scalars(select(Membership)):
        members.setdefault(membership.project_id, set()).add(membership.account_id)
    projects = db.session.scalars(select(Project).order_by(Project.name))
    return [Seen(project, frozenset(members.get(project.id, ()))) for project in projects]


def open_to(account_id: int, admin: bool) -> Sequence[Project]:
    """The projects that somebody may work in, the oldest first: an admin's are all."""
    query = select(Project).order_by(Project.id)
    if not admin:
        query = query.join(Membership, Membership.project_id == Project.id).where(Membership.account_id == account_id)
    return db.session.scalars(query).all()


def chosen(account_id: int, admin: bool, wanted: int | None) -> int:
    """The project that a session is about: the wanted one while it is open to the account, else the oldest that is."""
    if admin:
        return wanted or DEFAULT
    joined = db.session.scalars(select(Membership.project_id).where(Membership.account_id == account_id)).all()
    return wanted if wanted is not None and wanted in joined else min(joined, default=scope.NONE)


def get(project_id: int) -> Project:
    project = db.session.get(Project, project_id)
    if project is None:
        raise NotFound(_("There is no such project."))
    return project


def named(name: str) -> Project:
    project = db.session.scalar(select(Project).where(Project.name == name))
    if project is None:
        raise NotFound(f"There is no project named {name!r}.")
    return project


def create(name: str) -> Project:
    """Raises Conflict when the name is taken."""
    project = Project(name=name)
    db.session.add(project)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Conflict(_("There is already a project named %(name)s.", name=name)) from None
    signals.tell("project.created", name)
    return project


def add(project: Project, account_id: int) -> None:
    """Let an account into a project; who is in it already stays."""
    db.session.merge(Membership(project_id=project.id, account_id=account_id))
    db.session.commit()
    signals.tell("project.joined", project.name, account=account_id)


def remove(project: Project, account_id: int) -> None:
    """Take an account out of a project. Its tokens there open nothing any more."""
    db.session.execute(
        delete(Membership).where(Membership.project_id == project.id, Membership.account_id == account_id)
    )
    db.session.commit()
    signals.tell("project.left", project.name, account=account_id)
