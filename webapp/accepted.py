"""What the settings of the web server accept. Each raises ValueError, which says what was expected."""

import re


def host_names(value: str) -> str:
    if not all(
        re.fullmatch(r"\.?[A-Za-z0-9_-][A-Za-z0-9._-]{0,252}|\[[0-9a-fA-F:.]{2,45}\]", name.strip())
        for name in value.split(",")
    ):
        raise ValueError("expected host names without ports, separated by commas, such as datax.example.com,.internal")
    return value


def issuer(value: str) -> str:
    if not re.match(r"https://.|http://(127\.0\.0\.1|localhost)(:[0-9]+)?(/|$)", value):
        raise ValueError("expected the https:// address of an OpenID provider")
    return value


def roles(value: str) -> str:
    if not all(re.fullmatch(r"[^=]+=\s*(viewer|operator|admin)\s*", pair) for pair in value.split(",") if pair):
        raise ValueError("expected GROUP=ROLE, separated by commas, * for everybody, such as etl=operator,*=viewer")
    return value
