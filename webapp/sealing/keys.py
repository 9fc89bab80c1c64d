"""The keys that seal secrets: the first one seals, all of them open."""

import os
import tempfile
from pathlib import Path
from threading import Lock

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from webapp.config import private_file


class CannotOpen(Exception):
    """What was sealed cannot be opened with the keys that are here."""

    code = "sealed"
    hint = "Give all machines the same ENCRYPTION_KEYS, with the old keys behind the new one."

    def __init__(self) -> None:
        super().__init__("A secret of this job was sealed with a key that is not here, or was changed since.")


class Keyring:
    """The keys of `ENCRYPTION_KEYS`, else those of a private file, one a line; it is read again when it has changed."""

    def __init__(self, setting: SecretStr | None, path: Path) -> None:
        self._setting = setting
        self._path = path
        self._lock = Lock()
        self._read: tuple[tuple[int, int], MultiFernet] | None = None
        self._fixed = _fernets(setting.get_secret_value()) if setting else None

    def seal(self, text: str) -> str:
        return self._current().encrypt(text.encode("utf-8", "surrogateescape")).decode("ascii")

    def open(self, token: str) -> str:
        """Raises CannotOpen."""
        try:
            return self._current().decrypt(token.encode("ascii")).decode("utf-8", "surrogateescape")
        except InvalidToken:
            raise CannotOpen from None

    def anew(self, token: str) -> str:
        """The same secret, sealed with the first key. Raises CannotOpen."""
        return self.seal(self.open(token))

    @property
    def of_settings(self) -> bool:
        """Whether the keys are the administrator's to change."""
        return self._fixed is not None

    def add(self) -> None:
        """Put a new key before those in the file."""
        self._current()
        self._write([Fernet.generate_key().decode(), *self._path.read_text().split()])

    def keep_first(self) -> None:
        """Forget all keys of the file but the first."""
        self._write(self._path.read_text().split()[:1])

    def _current(self) -> MultiFernet:
        if self._fixed is not None:
            return self._fixed
        with self._lock:
            stamp = self._stamp()
            if self._read is None or self._read[0] != stamp:
                text = private_file(self._path, Fernet.generate_key().decode())
                self._read = self._stamp(), _fernets(text)
            return self._read[1]

    def _stamp(self) -> tuple[int, int]:
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return (0, 0)
        return status.st_ino, status.st_mtime_ns

    def _write(self, keys: list[str]) -> None:
        # A temporary file of this kind is its owner's alone, and the change is there as a whole or not at all.
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False) as draft:
            draft.write("\n".join(keys) + "\n")
        os.replace(draft.name, self._path)


def _fernets(text: str) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in text.replace(",", " ").split()])
