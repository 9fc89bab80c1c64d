"""Which hosts jobs may connect to. What a name stands for is looked up: a name of somebody's own may point anywhere."""

import re
import socket
import unicodedata
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from time import monotonic
from urllib.parse import unquote

from datax_job import pointers
from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal

Address = IPv4Address | IPv6Address

# A name server that is silent for longer counts as not knowing the name.
LOOK_UP_SECONDS = 3.0
MOST_LOOKED_UP = 50
# A list of hosts is not longer.
MOST_CHARACTERS = 2000

# Parameters whose text names a host even without a scheme before it: `host`, `feLoadUrl`, `dfs.namenode.rpc-address.nn1`.
_NAMES = re.compile(
    r"[\w.-]{0,80}?(?:hosts?|host_?name|host_?ports?|address(?:(?:\.[\w-]{1,80}){1,2}|es)?|endpoints?|servers?|urls?|uris?|proxy|brokers?"
    r"|broker_?list|bootstrap|zookeeper|quorum|defaultfs|master|nodes?|contact_?points|seeds)"
)
# Of a list of URLs each, without the user; what stands before an @ in a list of hosts is found as a driver's.
_AUTHORITY = re.compile(r"(?:://|@(?://)?)\s*+((?:[^/?#;\\\s@:]|:(?!//))++)(?!@)")
# A driver may take more for its hosts, up to the path.
_OF_DRIVER = re.compile(r"://(?=([^/?]+))")
_BETWEEN = re.compile(r"[,;#\\\s]")
_MYSQL_HOST = re.compile(r"\bhost\s*=\s*([^,)&;\s]+)", re.I)
_ORACLE = re.compile(r"jdbc:oracle:[a-z]+:[^@]{0,500}@(?!//|\()([^/:?\s]+)", re.I)
# A parameter of the URL, such as serverName, PGHOST, failoverPartner, socksProxyHost, clientRerouteAlternateServerName.
_SERVER_NAME = re.compile(
    r"[;?&:,]\s*[\w.]{0,60}?(?:server|host|server_?name|host_?name|partner|proxy)\s*=\s*([^;&)]+)", re.I
)
# The address in a URL without slashes, as in jdbc:phoenix:HOST:PORT and jdbc:sybase:Tds:HOST:PORT/NAME.
_BARE = re.compile(r"jdbc:[\w+-]{1,40}:(?:(?:tds|tcp|ssl|net|thin):)?([^/?#;@]+)", re.I)
_NUMERIC = re.compile(
    r"(?<![\w.-])(?<!::)(?<!::ffff:)(?:\d+(?:\.\d+){3}|0x[0-9a-f]+(?:\.[0-9a-fx]+){0,3})(?![\w.-])", re.I
)
# A service's name in Kerberos, whose realm behind the @ is no host.
_PRINCIPAL = re.compile(r"(?<=;)\s*principal\s*=[^;]*", re.I)
_HOST = re.compile(r"(\[[^\]]*\]|[^:\[\](),=]+)(?::\d+)?")
_NAT64 = ip_network("64:ff9b::/96")

_look_ups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="look-up")


def refused(parts: list[Part], allowed: Collection[str], denied: Collection[str]) -> Iterator[Refusal]:
    named = [found for part in parts for found in _named(part)]
    hosts = list(dict.fromkeys(host for _, host in named))
    if len(hosts) > MOST_LOOKED_UP:
        first = next(pointer for pointer, host in named if host == hosts[MOST_LOOKED_UP])
        yield first, Text("the job names more hosts than can be looked at")
        return
    found = _looked_at(hosts)
    for pointer, host in named:
        if (text := _refusal(host, found[host], allowed, denied)) is not None:
            yield pointer, text


def _looked_at(hosts: list[str]) -> dict[str, list[Address]]:
    """Every address that a driver may take each name for; all names together get the time of one."""
    asked = {host: _look_ups.submit(_looked_up, host) for host in hosts if not _literal(_without_zone(host))}
    until = monotonic() + LOOK_UP_SECONDS
    found = {}
    for host in hosts:
        known = _answer(asked[host], until) if host in asked else _literal(_without_zone(host))
        found[host] = [each for address in known for each in (address, *_within(address))]
    return found


def _answer(asked: Future[list[Address]], until: float) -> list[Address]:
    try:
        return asked.result(max(until - monotonic(), 0))
    except (TooLate, OSError, UnicodeError):
        asked.cancel()
        return []


def _without_zone(host: str) -> str:
    return host.partition("%")[0]


def _refusal(host: str, addresses: list[Address], allowed: Collection[str], denied: Collection[str]) -> Text | None:
    if any(_matches(host, addresses, rule) for rule in denied):
        template = "jobs may not connect to %(host)s; the setting DENIED_HOSTS says so"
        return Text(template, {"host": host})
    if not any(rule == "*" or _matches(host, addresses, rule) for rule in allowed):
        template = "jobs may not connect to %(host)s; the setting ALLOWED_HOSTS names the hosts that they may"
        return Text(template, {"host": host})
    return None


def addresses(part: Part) -> Iterator[tuple[str, str]]:
    """Every text in its parameters that says where it connects to, with its pointer; the port too."""
    for pointer, text in part.strings():
        keys = [key.lower() for key in pointers.split(pointer)]
        if "://" in text or text.lower().startswith("jdbc:") or any(_NAMES.fullmatch(key) for key in keys):
            yield pointer, text
    yield "port", str(part.parameter.get("port"))
    yield "datasource", str(part.parameter.get("datasource"))


def is_address(key: str) -> bool:
    """Whether a parameter is named like one that says where to connect to."""
    return key.lower() == "port" or _NAMES.fullmatch(key.lower()) is not None


def _named(part: Part) -> Iterator[tuple[str, str]]:
    for pointer, text in part.strings():
        keys = [key.lower() for key in pointers.split(pointer)]
        found: set[str] = set()
        for host in _in_text(text, any(_NAMES.fullmatch(key) for key in keys)):
            if host not in found:
                yield pointer, host
            found.add(host)
            if len(found) > MOST_LOOKED_UP:
                break  # too many already


def _in_text(text: str, named: bool) -> Iterator[str]:
    plain = _plain(text).strip()
    authorities: list[str] = []
    if plain.lower().startswith(("jdbc:hive2:", "jdbc:impala:")):
        plain = _PRINCIPAL.sub("", plain)
    if "://" in plain or "jdbc:" in plain.lower():
        authorities += _AUTHORITY.findall(plain)
    if "jdbc:" in plain.lower():
        authorities += _in_jdbc(plain)
        for reading in (text, unquote(text), plain):
            authorities += _OF_DRIVER.findall(reading)
    elif named and "://" not in plain and len(plain) < MOST_CHARACTERS:
        authorities.append(plain.partition("/")[0])
    # A pair of name and value is no host; what stands behind host= has been found by then.
    pieces = dict.fromkeys(
        piece for authority in authorities for piece in _BETWEEN.split(authority) if piece and "=" not in piece
    )
    for piece in pieces:
        host = _without_port(_plain(piece).rpartition("@")[2].strip("()'\""))
        if "=" not in host and host.strip("[]. "):
            yield host.strip("[]").rstrip(".").lower()


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", unquote(unquote(text)))


def _without_port(address: str) -> str:
    """`a`, `a:1`, `[::1]:1`, and `::1` as it stands behind `host=`."""
    found = _HOST.match(address)
    return address if found is None or _is_ipv6(address) else found[1]


def _is_ipv6(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv6Address)
    except ValueError:
        return False


def _in_jdbc(url: str) -> list[str]:
    """Hosts that stand elsewhere than behind `//`, and whatever is written as an address."""
    found = [*_MYSQL_HOST.findall(url), *_ORACLE.findall(url), *_SERVER_NAME.findall(url), *_NUMERIC.findall(url)]
    if "://" not in url and "@" not in url and "jdbc:sqlite:" not in url.lower():
        found += _BARE.findall(url)
    return found


def _matches(host: str, addresses: list[Address], rule: str) -> bool:
    try:
        network = ip_network(rule, strict=False)
    except ValueError:
        return fnmatchcase(host, rule.lower())
    return any(address in network for address in addresses if address.version == network.version)


def _looked_up(host: str) -> list[Address]:
    answers = socket.getaddrinfo(_without_zone(host), None, type=socket.SOCK_STREAM)
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in dict.fromkeys(answers)]


def _literal(host: str) -> list[Address]:
    """An address in any spelling: C libraries read 0251 as octal and 0xA9 as hexadecimal, Java reads 0251 as 251."""
    found: list[Address] = []
    try:
        found.append(ip_address(host))
    except ValueError:
        with suppress(OSError, UnicodeError):
            found.append(IPv4Address(socket.inet_aton(host)))
    numbers = host.split(".")
    if len(numbers) == 4 and all(number.isascii() and number.isdecimal() and len(number) < 12 for number in numbers):
        decimal = [int(number) for number in numbers]
        found += [IPv4Address(bytes(decimal))] if max(decimal) < 256 else []
    return found


def _within(address: Address) -> Iterator[Address]:
    """The IPv4 address that an IPv6 one carries."""
    if isinstance(address, IPv6Address):
        carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        yield from (each for each in carried if each is not None)
        if address in _NAT64 or int(address) >> 32 == 0:
            yield IPv4Address(int(address) & 0xFFFFFFFF)
