"""Addax in `ADDAX_HOME`: DataX's successor by another hand, started in the same way, with a dialect of its own."""

import os
from pathlib import Path
from typing import Any

from engines.datax import DataXEngine


class AddaxEngine(DataXEngine):
    """Addax wants `content` as one object, Java 17, and a place for its log, which is the run's own folder."""

    name = "addax"
    product = "Addax"
    setting = "ADDAX_HOME"
    main_class = "com.wgzhao.addax.core.Engine"
    core_jar = "addax-core-"
    home_property = "addax.home"
    arguments = ()
    oldest_java = 17

    @property
    def home(self) -> Path | None:
        return self.settings.addax_home

    def effective(self, job: dict[str, Any]) -> dict[str, Any]:
        effective = super().effective(job)
        content = effective.get("job", {}).get("content")
        if isinstance(content, list) and len(content) == 1:
            effective["job"]["content"] = content[0]
        return effective

    def _command(self, folder: Path, wished: tuple[str, ...]) -> list[str]:
        command = super()._command(folder, wished)
        at = command.index("-classpath")
        return [*command[:at], f"-Daddax.log={folder}", "-Dlog.file.name=addax.log", *command[at:]]

    def _environment(self, folder: Path) -> dict[str, str]:
        return {**super()._environment(folder), "ADDAX_HOME": os.fspath(self.home or "")}
