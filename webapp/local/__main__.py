"""The entry of `make run`: says in one line what cannot even be imported."""

import sys

if __name__ == "__main__":
    try:
        from webapp.local.supervisor import main

        sys.exit(main())
    except ModuleNotFoundError as error:
        sys.exit(f"make run: the Python module {error.name} is missing; remove .venv and run 'make run' again")
