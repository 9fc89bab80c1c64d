"""JDBC URLs whose parameters make a driver run code, read or write files, or load classes on the worker."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from datax_job import pointers
from datax_job.problem import Text
from webapp.policy.parts import Part, Refusal

# By the names of their drivers' documentation; compared without case. Some drivers share a name, so all are refused everywhere.
DANGEROUS = {
    "MySQL": (
        "autoDeserialize", "allowLoadLocalInfile", "allowLoadLocalInfileInPath", "allowUrlInLocalInfile", "queryInterceptors",
        "statementInterceptors", "exceptionInterceptors", "connectionLifecycleInterceptors", "socketFactory",
        "authenticationPlugins", "defaultAuthenticationPlugin", "propertiesTransform", "useConfigs", "loadBalanceStrategy",
        "ha.loadBalanceStrategy", "loadBalanceExceptionChecker", "logger", "profilerEventHandler", "clientInfoProvider",
        "serverConfigCacheFactory", "parseInfoCacheFactory", "queryInfoCacheFactory", "autoGenerateTestcaseScript",
        "trustCertificateKeyStoreUrl", "clientCertificateKeyStoreUrl", "serverRSAPublicKeyFile", "namedPipePath", "ociConfigFile",
        "idTokenFile", "authenticationFidoCallbackHandler", "authenticationWebAuthnCallbackHandler",
        "authenticationOpenidConnectCallbackHandler",
    ),
    "MariaDB": ("allowLocalInfile", "localSocket", "pipe", "credentialType", "cachingRsaPublicKeyFile"),
    "PostgreSQL": (
        "socketFactoryArg", "sslfactory", "sslfactoryarg", "sslhostnameverifier", "sslpasswordcallback",
        "authenticationPluginClassName", "loggerFile", "xmlFactoryFactory", "jaasApplicationName",
    ),
    "H2": (
        "init", "runscript", "trace_level_file", "trace_level_system_out", "database_event_listener", "java_object_serializer",
        "authenticator", "authrealm",
    ),
    "DB2": (
        "clientRerouteServerListJNDIName", "clientRerouteServerListJNDIContext", "traceFile", "traceDirectory", "pluginName",
        "pluginClassName", "accessTokenCallback",
    ),
    "SQL Server": (
        "socketFactoryClass", "socketFactoryConstructorArg", "trustManagerClass", "trustManagerConstructorArg",
        "accessTokenCallbackClass", "jaasConfigurationName", "enclaveAttestationUrl", "bufferDir",
    ),
    "Oracle": (
        "oracle.net.tns_admin", "tns_admin", "oracle.net.wallet_location", "wallet_location", "my_wallet_directory",
        "oracle.jdbc.tracefile", "oracle.jdbc.loginmodule",
    ),
    "others": (
        "initFile", "krbJAASFile", "LoginConfigName", "UserGSSCredential", "logPath", "logDir", "logFile", "log_file",
        "plugin_name", "pluginPath", "iniFile", "custom_socket_factory", "custom_socket_factory_options", "SQLH_FILE",
        "SQLH_TYPE", "SYBSOCKET_FACTORY", "dmsvcconf", "dm_svc_conf", "traceOptions", "startMaster", "slaveHost", "restoreFrom",
        "createFrom", "rollForwardRecoveryFrom", "ConfigurePath", "BROWSER", "httpclient_impl", "httpclient_factory", "logConfFile",
        "client_config_file", "SpyAttributes", "ProtocolTraceFile", "AwsCredentialsProviderClass", "AwsCredentialsProviderArguments",
        "enable_load_extension", "load_balancing_policy",
    ),
}  # fmt: skip
NAMES = frozenset(name.lower() for names in DANGEROUS.values() for name in names)

# Values by which a dangerous parameter does no harm.
HARMLESS = {
    "false",
    "no",
    "0",
    "off",
    "none",
    "random",
    "roundrobin",
    "firstalive",
    "org.postgresql.ssl.nonvalidatingfactory",
    "org.postgresql.ssl.libpqfactory",
}

# Drivers that open files in the worker's own process, unless the URL names a server.
EMBEDDED = re.compile(
    r"jdbc:(?:h2(?!:(?:tcp|ssl):)|derby(?!://)|hsqldb(?!:(?:hsql|hsqls|http|https):)|duckdb|sqlite::resource|calcite|ignite:cfg"
    r"|firebird(?:sql)?:(?:embedded|local|native)|relique|ucanaccess|access|odbc|dbf|hive2:(?!//[^/;?#]))"
)
# What a plugin puts into a JDBC URL of its own.
PIECES = {"queryserveraddress", "serialization"}
# Look-ups that load objects from wherever the URL points to.
LOOK_UP = re.compile(
    r"(?:@config-\w+|\bjndi|@?\bldaps?|\brmi|\biiop|\bcorbaname|\bdns):(?://)?|jdbc:oracle:(?:oci\d?|kprb)\b"
)

# A name with its value in any notation, and a name alone where a parameter stands.
_NAMED = re.compile(r"(?<![\w.-])([\w.-]{1,64})\s*=\s*([^&;,)\s}]*)")
_ALONE = re.compile(r"(?<=[?&;,(])\s*([\w.-]{1,64})\s*(?=[&;,)#}]|$)()")
# Letters that Java takes for an i when it compares without case, and that stay as they are when a text is normalised.
_DOTS = str.maketrans("\u0131\u0130", "ii")
MOST_DECODED = 4


def refused(parts: list[Part], allowed: Collection[str]) -> Iterator[Refusal]:
    """`allowed` are parameters that are let through all the same."""
    permitted = {name.lower() for name in allowed}
    for part in parts:
        for pointer, text in part.strings():
            piece = pointers.split(pointer)[-1].lower() in PIECES
            for name in _dangers(text, permitted, piece=piece):
                template = (
                    "%(name)s in a JDBC URL can run code or open files on the worker, so jobs may not use it;"
                    " add it to the setting ALLOWED_URL_PARAMETERS to allow it"
                )
                yield pointer, Text(template, {"name": name})


def _dangers(text: str, permitted: Collection[str], *, piece: bool) -> Iterator[str]:
    url = _plain(text)
    # Not only where it begins so: OceanBase's plugins take a prefix before the URL.
    if "jdbc:" not in url and not piece:
        return
    named = [*_NAMED.findall(url), *_ALONE.findall(url)]
    found = [name for name, value in named if name in NAMES and value.strip("'\"") not in HARMLESS]
    found += [match[0].rstrip("/") for match in (EMBEDDED.search(url), LOOK_UP.search(url)) if match]
    for name in dict.fromkeys(found):
        if name.rstrip(":") not in permitted:
            yield name


def _plain(text: str) -> str:
    """Lower case, without percent codes however often they are laid over each other, and without invisible characters."""
    for _ in range(MOST_DECODED):
        decoded = unquote(text)
        if decoded == text:
            break
        text = decoded
    text = unicodedata.normalize("NFKC", text).translate(_DOTS)
    return "".join(character for character in text if character.isprintable()).strip().lower()
