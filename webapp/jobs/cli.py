"""`flask job …`: folders of jobs, such as those that are kept in git, in and out."""

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from webapp.jobs import archive, exporting, importing, queries
from webapp.jobs.importing import Action, Item
from webapp.jobs.queries import Filter
from webapp.jobs.schemas import Tags
from webapp.jobs.transfer_pages import Given
from webapp.projects import scope
from webapp.projects import service as projects
from webapp.projects.models import DEFAULT
from webapp.requests import check

job = AppGroup("job", help="Saved jobs.")

_project = click.option("--project", default=None, help="The project that they belong to (default: the default one).")
_SIGNS = {Action.NEW: "new", Action.CHANGED: "changed", Action.SAME: "same", Action.REFUSED: "REFUSED"}


@job.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_project
@click.option("--tag", "tags", multiple=True, help="A tag for all of them; may be given more than once.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_jobs(paths: tuple[Path, ...], project: str | None, tags: tuple[str, ...], dry_run: bool) -> None:
    """Save each .json file, of folders and ZIP archives too, as a job of the file's name. Exit code 1 when one is refused.

    Folders in a folder become tags. A job of that name gets a new version, unless nothing changes.
    """
    with scope.within(_number(project)):
        items = importing.plan(archive.read(_files(paths)), _checked(tags))
        for item in items:
            click.echo(_line(item), err=item.action is Action.REFUSED)
        if not dry_run:
            importing.apply(items, f"{getpass.getuser()} at a terminal")
    numbers = importing.counts(items)
    click.echo(("Would be: " if dry_run else "") + ", ".join(f"{count} {action}" for action, count in numbers.items()))
    sys.exit(bool(numbers[Action.REFUSED]))


@job.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_project
@click.option("--tag", default=None, help="Only jobs with this tag.")
def export_jobs(folder: Path, project: str | None, tag: str | None) -> None:
    """Write each job into FOLDER as NAME.json, and what documents do not say into jobs.json. Secrets are masked.

    Importing the folder again says that all is the same.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with scope.within(_number(project)):
        count = 0
        for name, content, _ in exporting.files(queries.every(Filter(tag=tag), exporting.JOBS_AT_ONCE)):
            (folder / name).write_bytes(content)
            count += 1
    click.echo(f"{count - 1} jobs in {folder}")


@job.command("list")
@_project
@click.option("--tag", default=None, help="Only jobs with this tag.")
@click.option("--text", default=None, help="Only jobs with this in their name.")
def list_jobs(project: str | None, tag: str | None, text: str | None) -> None:
    """Print each job's name, version and tags."""
    with scope.within(_number(project)):
        for jobs in queries.every(Filter(text, tag), exporting.JOBS_AT_ONCE):
            for each in jobs:
                click.echo("  ".join([each.name, f"version {each.version}", *each.tags]))


def _number(project: str | None) -> int:
    return projects.named(project).id if project else DEFAULT


def _checked(tags: tuple[str, ...]) -> Tags:
    return check(Given, {"tags": list(tags)}).tags


def _files(paths: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    """What lies in a folder is named by its way through it; hidden folders, such as git's, are passed over."""
    for path in paths:
        if not path.is_dir():
            yield path.name, path.read_bytes()
            continue
        for file in sorted(path.rglob("*")):
            name = file.relative_to(path).as_posix()
            if archive.wanted(name) and file.is_file():
                yield name, file.read_bytes()


def _line(item: Item) -> str:
    why = "; ".join(_place(found) + found["detail"] for found in item.problems[:3])
    masked = "  (****** stands for its secrets)" if item.masked and item.action in {Action.NEW, Action.CHANGED} else ""
    return f"{_SIGNS[item.action]}  {item.path}{': ' + why if why else ''}{masked}"


def _place(found: dict[str, object]) -> str:
    return f"line {found['line']}, column {found.get('column') or 1}: " if found.get("line") else ""
