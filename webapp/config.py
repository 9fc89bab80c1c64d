"""The settings, read in this one place: environment first, then `.env`; `NAME_FILE` reads NAME from a file."""

import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ByteSize, ConfigDict, Field, SecretStr, ValidationError
from sqlalchemy.engine import URL, make_url

from engines.base import EngineSettings
from engines.confinement import Confinement
from webapp import accepted
from webapp.setting_types import (
    ALLOWED_TRANSFORMERS,
    DENIED_HOSTS,
    EncryptionKeys,
    EngineLimits,
    HostRules,
    KindsOfSql,
    Limits,
    LimitsByName,
    Names,
)
from webapp.states import DEFAULT_QUEUE

ROOT = Path(__file__).resolve().parent.parent

SECRETS = {
    "SECRET_KEY",
    "ENCRYPTION_KEYS",
    "ADMIN_PASSWORD",
    "API_TOKEN",
    "OIDC_CLIENT_SECRET",
    "DATABASE_URL",
    "REDIS_URL",
    "LOG_STORE",
    "LOG_STORE_OPTIONS",
}

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class SettingError(Exception):
    """A setting has a value that cannot be used. The message is one line for the person who starts the product."""


def _folder(value: Path) -> Path:
    return value if value.is_absolute() else ROOT / value


Folder = Annotated[Path, AfterValidator(_folder)]


class Settings(BaseModel):
    """Every setting with its default. Field names in upper case are the names in the environment."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    var_dir: Folder = ROOT / "var"
    datax_home: Folder | None = None
    addax_home: Folder | None = None
    java_home: Folder | None = None
    jvm_options: Annotated[str, AfterValidator(accepted.jvm_options)] = ""
    timezone: Annotated[str, AfterValidator(accepted.timezone)] | None = None
    database_url: Annotated[SecretStr, AfterValidator(accepted.database)] | None = None
    redis_url: Annotated[SecretStr, AfterValidator(accepted.broker)] | None = None
    secret_key: SecretStr | None = Field(default=None, min_length=16)
    encryption_keys: EncryptionKeys | None = None
    admin_username: str = Field(default="admin", min_length=1, max_length=80)
    admin_password: SecretStr | None = Field(default=None, min_length=8)
    api_token: SecretStr | None = Field(default=None, min_length=16)
    file_roots: Annotated[str, AfterValidator(accepted.folders)] | None = None
    allowed_plugins: Names = ("*",)
    denied_plugins: Names = ()
    allowed_transformers: Names = ALLOWED_TRANSFORMERS
    allowed_url_parameters: Names = ()
    allowed_hosts: HostRules = ("*",)
    denied_hosts: HostRules = DENIED_HOSTS
    denied_sql: KindsOfSql = ()
    engine_limits: EngineLimits = Confinement()
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    trusted_hosts: Annotated[str, AfterValidator(accepted.host_names)] | None = None
    rate_limit: int = Field(default=60_000, ge=0)
    address_rate_limit: int = Field(default=1200, ge=0)
    oidc_issuer: Annotated[str, AfterValidator(accepted.issuer)] | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = Field(default="OpenID Connect", min_length=1, max_length=40)
    oidc_roles: Annotated[str, AfterValidator(accepted.roles)] = ""
    oidc_roles_claim: str = "groups"
    session_idle: int = Field(default=12 * 3600, ge=60)
    session_lifetime: int = Field(default=7 * 86400, ge=60)
    web_workers: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=256, ge=2, le=2048)
    worker_concurrency: int = Field(default=4, ge=1, le=1000)
    worker_queues: Annotated[str, AfterValidator(accepted.queues)] = DEFAULT_QUEUE
    worker_name: Annotated[str, AfterValidator(accepted.worker_name)] = Field(
        default_factory=lambda: f"worker@{socket.gethostname()}"
    )
    worker_memory: Annotated[ByteSize, Field(gt=0)] | None = None
    queue_limits: LimitsByName = Limits({})
    host_limits: LimitsByName = Limits({})
    default_timeout: int | None = Field(default=None, ge=1)
    stall_warning: float = Field(default=600, ge=1, le=30 * 86400)
    default_stall_timeout: int | None = Field(default=None, ge=1)
    kill_grace: float = Field(default=10, ge=0, le=3600)
    stop_grace: float = Field(default=30, ge=0, le=86400)
    lost_after: float = Field(default=30, ge=5, le=86400)
    visibility_timeout: int = Field(default=600, ge=5, le=30 * 86400)
    task_retention_days: float | None = Field(default=None, gt=0)
    log_store: Annotated[SecretStr, AfterValidator(accepted.log_store)] | None = None
    log_store_options: Annotated[SecretStr, AfterValidator(accepted.json_object)] | None = None
    log_max_bytes: Annotated[ByteSize, Field(ge=1024**2)] = ByteSize(1024**3)
    log_retention_days: float | None = Field(default=None, gt=0)
    log_retention_bytes: Annotated[ByteSize, Field(gt=0)] | None = None

    @cached_property
    def database(self) -> URL:
        """The SQLAlchemy URL with the installed driver's name in it."""
        if self.database_url is None:
            return URL.create("sqlite", database=str(self.var_dir / "datax-celery.db"))
        url = make_url(self.database_url.get_secret_value())
        url = url.set(drivername=accepted.DRIVERS[url.drivername])
        return url.update_query_dict({"charset": "utf8mb4"}) if url.get_backend_name() == "mysql" else url

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """The names that the web server answers to; None for any, where others than this machine can reach it."""
        if self.trusted_hosts is not None:
            return tuple(name.strip().lower() for name in self.trusted_hosts.split(","))
        return LOOPBACK if self.host in LOOPBACK or self.host == "::1" else None

    @property
    def idle_limit(self) -> timedelta:
        return timedelta(seconds=self.session_idle)

    @property
    def absolute_limit(self) -> timedelta:
        return timedelta(seconds=self.session_lifetime)

    @property
    def embedded_broker(self) -> bool:
        return self.redis_url is None

    @property
    def broker_url(self) -> str:
        """Where Celery finds its broker. The embedded one leaves its address in a file when it starts."""
        if self.redis_url is not None:
            return self.redis_url.get_secret_value()
        try:
            return self.broker_file.read_text().strip()
        except FileNotFoundError:
            return "redis://127.0.0.1:1/0"  # nothing listens there: submitted tasks wait in the database

    @property
    def broker_file(self) -> Path:
        return self.var_dir / "broker" / "url"

    @cached_property
    def signing_key(self) -> str:
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return private_file(self.var_dir / "secret_key", secrets.token_urlsafe(48))

    @cached_property
    def roots(self) -> tuple[Path, ...]:
        """The folders that submitted jobs may read and write, made absolute."""
        if self.file_roots is None:
            return (self.var_dir / "files", ROOT / "examples")
        return tuple(_folder(Path(root)) for root in self.file_roots.split(os.pathsep) if root)

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues that a worker with these settings serves."""
        return tuple(dict.fromkeys(name.strip() for name in self.worker_queues.split(",")))

    @cached_property
    def log_place(self) -> Path | str:
        """A folder where logs are kept, or the URL of another store."""
        place = self.log_store.get_secret_value() if self.log_store is not None else str(self.var_dir / "logs")
        place = place.removeprefix("file://")
        return place if "://" in place else _folder(Path(place))

    @property
    def log_options(self) -> dict[str, Any]:
        """What the client of the log store's URL is to be told."""
        given = self.log_store_options
        return json.loads(given.get_secret_value()) if given is not None else {}

    @cached_property
    def engines(self) -> EngineSettings:
        return EngineSettings(
            var_dir=self.var_dir,
            datax_home=self.datax_home,
            addax_home=self.addax_home,
            java=str(self.java_home / "bin" / "java") if self.java_home else "java",
            jvm_options=tuple(self.jvm_options.split()),
            timezone=self.timezone,
        )


def private_file(path: Path, content: str) -> str:
    """Keep `content` in a 0600 file unless another process has put its own there first; what counts is what the file says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. An empty value counts as unset. Raises SettingError naming the setting, its value and what is accepted."""
    given = {**_dotenv(), **os.environ} if environment is None else environment
    names = {field.upper(): field for field in Settings.model_fields}
    values = {field: value for name, field in names.items() if (value := _value(name, given)) not in (None, "")}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingError(_explain(error.errors()[0], values)) from None
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.oidc_client_secret):
        raise SettingError("OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: needed with OIDC_ISSUER")
    return settings


def load_or_exit() -> Settings:
    """For the entries of programs: a bad setting is one line and exit code 1, not a traceback."""
    try:
        settings = load()
        make_var_dir(settings)
    except SettingError as error:
        sys.exit(f"datax-celery: {error}")
    return settings


def make_var_dir(settings: Settings) -> None:
    """Raises SettingError."""
    try:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"VAR_DIR: {str(settings.var_dir)!r} cannot be made: {error.strerror}") from None


def _dotenv() -> dict[str, str]:
    return {name: value for name, value in dotenv_values(ROOT / ".env").items() if value is not None}


def _value(name: str, given: Mapping[str, str]) -> str | None:
    path = given.get(f"{name}_FILE")
    if not path or given.get(name):
        return given.get(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise SettingError(f"{name}_FILE: {path!r} cannot be read: {reason}") from error


def _explain(error: Any, values: dict[str, str]) -> str:
    field = str(error["loc"][0])
    shown = "(hidden)" if field.upper() in SECRETS else repr(values.get(field))
    return f"{field.upper()}: {shown} is not usable: {accepted.sentence(error, Settings.model_fields[field])}"
