"""The documentation says what the code does."""

from engines.duckdb.reference import PAGE, PARTS, page


def test_the_page_is_what_the_code_says_now() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "run: python -m engines.duckdb.reference"


def test_no_plugin_names_a_parameter_twice() -> None:
    for _, registry in PARTS:
        for name, plugin in registry.items():
            names = [parameter.name for parameter in plugin.parameters]
            assert len(names) == len(set(names)), name


def test_what_is_refused_says_why() -> None:
    refused = [
        parameter
        for _, registry in PARTS
        for plugin in registry.values()
        for parameter in plugin.parameters
        if parameter.support.value == "refused"
    ]
    assert refused
    assert all(parameter.note for parameter in refused)
