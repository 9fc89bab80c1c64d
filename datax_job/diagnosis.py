"""What a failure means and what to do about it, in English and Chinese: DataX's codes, exit states, and what databases say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from datax_job import error_codes
from datax_job.error_codes import Texts


@dataclass(frozen=True, slots=True)
class Explanation:
    """`code` is the one that was given, or our own name for what was recognised. Both texts have the keys `en` and `zh`."""

    code: str
    cause: Mapping[str, str]
    hint: Mapping[str, str]


def explain(code: str | None, message: str, exit_code: int) -> Explanation:
    """The most telling explanation: what the message says before what its code stands for, and that before the exit state."""
    for known in _MESSAGES:
        if known.pattern.search(message):
            return _explanation(code or known.code, known.texts)
    if code is not None and code not in _OWN:
        return _explanation(code, error_codes.texts(code))
    name, texts = _EXITS.get(exit_code, _EXITS[1])
    return _explanation(name, texts)


@dataclass(frozen=True, slots=True)
class _Known:
    code: str
    pattern: re.Pattern[str]
    texts: Texts


def _explanation(code: str, texts: Texts) -> Explanation:
    return Explanation(code, {"en": texts[0], "zh": texts[2]}, {"en": texts[1], "zh": texts[3]})


def _known(code: str, pattern: str, *texts: str) -> _Known:
    return _Known(code, re.compile(pattern, re.IGNORECASE), (texts[0], texts[1], texts[2], texts[3]))


# Sentences of the drivers and of Java, most telling first. No pattern repeats a group, so none can run away on a long text.
_MESSAGES = (
    _known(
        "out-of-memory",
        r"OutOfMemoryError|Cannot allocate memory|out of memory",
        "The engine ran out of memory.",
        "Give it more (JVM_OPTIONS=-Xmx4g, or entry.jvm), lower channel, fetchSize or batchSize, or look for a cell of huge size.",
        "引擎内存不足。",
        "增大内存（JVM_OPTIONS=-Xmx4g 或 entry.jvm），降低 channel、fetchSize 或 batchSize，或检查是否有超大的字段。",
    ),
    _known(
        "disk-full",
        r"No space left on device|disk full",
        "A disk is full.",
        "Free some room on the disk that is named, or write elsewhere.",
        "磁盘已满。",
        "清理提示中的磁盘，或换一个写入位置。",
    ),
    _known(
        "file-too-large",
        r"File too large|EFBIG",
        "A file grew larger than the engine may make it.",
        "Raise file_size in ENGINE_LIMITS, or write several smaller files.",
        "文件超过了允许引擎写入的大小。",
        "调大 ENGINE_LIMITS 中的 file_size，或分成多个较小的文件写入。",
    ),
    _known(
        "access-denied",
        r"Access denied for user|password authentication failed|authentication failed|ORA-01017|Login failed for user",
        "The database refused the user name or the password.",
        "Check username and password, and that this user may connect from the worker's address.",
        "数据库拒绝了用户名或密码。",
        "检查 username 和 password，以及该用户是否允许从工作进程所在机器连接。",
    ),
    _known(
        "public-key",
        r"Public Key Retrieval is not allowed|caching_sha2_password",
        "MySQL 8's way of signing in is not allowed by the connection's parameters.",
        "Add allowPublicKeyRetrieval=true&useSSL=false to the jdbcUrl, or put a MySQL 8 driver into the plugin's libs.",
        "连接参数不允许 MySQL 8 的认证方式。",
        "在 jdbcUrl 中加上 allowPublicKeyRetrieval=true&useSSL=false，或在插件的 libs 中换成 MySQL 8 驱动。",
    ),
    _known(
        "time-zone",
        r"server time zone value .{0,80}(?:unrecognized|not recognized)",
        "The MySQL driver does not know the server's time zone.",
        "Add serverTimezone=Asia/Shanghai (the server's zone) to the jdbcUrl.",
        "MySQL 驱动不认识服务器的时区。",
        "在 jdbcUrl 中加上 serverTimezone=Asia/Shanghai（服务器所在时区）。",
    ),
    _known(
        "unknown-host",
        r"UnknownHostException|could not translate host name|Name or service not known|Unknown MySQL server host",
        "The database's host name is not known on the worker.",
        "Check the host in the jdbcUrl, and the worker's DNS.",
        "工作进程所在机器无法解析数据库主机名。",
        "检查 jdbcUrl 中的主机名以及该机器的 DNS。",
    ),
    _known(
        "connection-refused",
        r"Connection refused|Connection to .{1,200} refused|Communications link failure"
        r"|Connect timed out|Connection timed out|timeout expired|Can't connect to MySQL server|No route to host|无法从:",
        "The database could not be reached.",
        "Check host and port in the jdbcUrl, that the database runs, and that a firewall lets the worker through.",
        "无法连接到数据库。",
        "检查 jdbcUrl 中的主机和端口、数据库是否在运行，以及防火墙是否放行。",
    ),
    _known(
        "no-table",
        r"relation .{1,200} does not exist|Table '.{1,200}' doesn't exist|no such table|ORA-00942|Invalid object name",
        "A table that the job names does not exist, or this user may not see it.",
        "Check table, the database in the jdbcUrl, the schema, and the user's rights.",
        "作业中的表不存在，或该用户无权看到。",
        "检查 table、jdbcUrl 中的库名、schema 以及用户权限。",
    ),
    _known(
        "no-column",
        r"column .{1,200} does not exist|Unknown column|no such column|ORA-00904|Invalid column name",
        "A column that the job names does not exist in the table.",
        "Compare column with the table's columns; names of PostgreSQL are case-sensitive when quoted.",
        "作业中的列在表中不存在。",
        "对照表结构检查 column；PostgreSQL 带引号的名称区分大小写。",
    ),
    _known(
        "duplicate-key",
        r"duplicate key|Duplicate entry|UNIQUE constraint failed",
        "A row's key is in the target already.",
        "Empty the target first (preSql), choose writeMode replace or update, or allow dirty records by errorLimit.",
        "目标表中已有相同主键的行。",
        "先清空目标表（preSql），或使用 writeMode replace/update，或用 errorLimit 允许脏数据。",
    ),
    _known(
        "no-right",
        r"permission denied|command denied to user|Permission denied|权限",
        "The user may not do this.",
        "Grant the right that is named: SELECT on the source, INSERT on the target, or access to the folder.",
        "用户没有权限。",
        "授予提示中的权限：源表 SELECT、目标表 INSERT，或目录访问权限。",
    ),
    _known(
        "class-not-found",
        r"Could not find or load main class|ClassNotFoundException|NoClassDefFoundError",
        "Java could not load DataX or a plugin's library.",
        "Check that DATAX_HOME is a complete unpacked DataX, with lib/ and plugin/*/*/libs.",
        "Java 无法加载 DataX 或插件的类库。",
        "检查 DATAX_HOME 是否为完整解压的 DataX，包含 lib/ 和 plugin/*/*/libs。",
    ),
    _known(
        "java-version",
        r"UnsupportedClassVersionError|Unrecognized VM option|InaccessibleObjectException",
        "This Java version does not fit.",
        "Set JAVA_HOME to Java 8, 11 or 17.",
        "Java 版本不合适。",
        "将 JAVA_HOME 设置为 Java 8、11 或 17。",
    ),
    # Addax says in words what DataX has codes for.
    _known(
        "dirty-records",
        r"dirty data records did not pass the check",
        *error_codes.texts("Framework-14"),
    ),
    _known(
        "no-plugin",
        r"The plugin '.{1,200}' has not installed",
        *error_codes.texts("Framework-12"),
    ),
    _known(
        "no-file",
        r"Cannot find any file in path",
        *error_codes.texts("TxtFileReader-04"),
    ),
    _known(
        "missing-parameter",
        r"The required item '.{1,200}' is not found|The configuration value for '.{1,200}' is illegal",
        *error_codes.texts("TxtFileReader-00"),
    ),
    _known(
        "heap-too-large",
        r"Could not reserve enough space|Could not create the Java Virtual Machine",
        "Java could not start with these options.",
        "Ask for less memory in JVM_OPTIONS or entry.jvm, or correct the option that is named.",
        "Java 无法以这些选项启动。",
        "减小 JVM_OPTIONS 或 entry.jvm 中的内存，或改正提示中的选项。",
    ),
)

_EXITS: Mapping[int, tuple[str, Texts]] = {
    1: (
        "failed",
        (
            "The engine failed without naming a cause.",
            "The last lines of the log say what it was doing.",
            "引擎失败，但没有说明原因。",
            "日志最后几行说明了它当时在做什么。",
        ),
    ),
    -9: (
        "killed",
        (
            "The engine was killed by SIGKILL, most likely because the machine ran out of memory.",
            "Look for 'Out of memory' in the machine's kernel log (dmesg); give the job less memory or the machine more.",
            "引擎被 SIGKILL 杀死，很可能是机器内存不足。",
            "在系统日志（dmesg）中查找 Out of memory；减小作业内存或增加机器内存。",
        ),
    ),
    -15: (
        "stopped",
        (
            "The engine was stopped by SIGTERM from outside.",
            "Run it again; see who or what stopped the worker's machine.",
            "引擎被外部的 SIGTERM 停止。",
            "重新运行；查看是谁停止了它。",
        ),
    ),
    -24: (
        "cpu-limit",
        (
            "The engine used more CPU time than it may.",
            "Raise cpu in ENGINE_LIMITS, or split the job.",
            "引擎使用的 CPU 时间超过了限制。",
            "调大 ENGINE_LIMITS 中的 cpu，或拆分作业。",
        ),
    ),
    -6: (
        "aborted",
        (
            "The engine's runtime gave up (SIGABRT): a fault of its own, or memory that it could not get.",
            "The last lines of the log say which; give it more memory, or choose another engine.",
            "引擎的运行时异常中止（SIGABRT）：自身错误，或无法获得内存。",
            "日志最后几行有具体原因；增大内存，或换一个引擎。",
        ),
    ),
    -11: (
        "crashed",
        (
            "The engine crashed (segmentation fault).",
            "Run it again; if it happens again, choose another engine and report the job.",
            "引擎崩溃（段错误）。",
            "重新运行；若再次发生，请换一个引擎并报告该作业。",
        ),
    ),
}
# A shell, and a Java that was told to go, say a signal as 128 and its number.
_EXITS = {**_EXITS, **{128 - number: texts for number, texts in _EXITS.items() if number < 0}}
# What a task's error keeps as its code where only the exit state told.
_OWN = {name for name, _ in _EXITS.values()}
