"""What the tests of the pages may ask for."""

import pytest
from flask import Flask

from tests.webapp.visitor import Visitor


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """A signed-in person."""
    visitor = Visitor(app)
    visitor.log_in()
    return visitor


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app)
