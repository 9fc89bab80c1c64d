"""What a failure means and what to do about it, in English and Chinese: DataX's codes, exit states, and what databases say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


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
    if code is not None and code in _CODES:
        return _explanation(code, _CODES[code])
    family = _family(code)
    if family is not None:
        return _explanation(code or "", family)
    name, texts = _EXITS.get(exit_code, _EXITS[1])
    return _explanation(code or name, texts)


# Cause and hint in English, cause and hint in Chinese.
Texts = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    code: str
    pattern: re.Pattern[str]
    texts: Texts


def _explanation(code: str, texts: Texts) -> Explanation:
    return Explanation(code, {"en": texts[0], "zh": texts[2]}, {"en": texts[1], "zh": texts[3]})


def _family(code: str | None) -> Texts | None:
    """Plugins number their codes in the same way: 00 to 03 are about parameters, whatever the plugin."""
    if code is None:
        return None
    return next((texts for suffix, texts in _FAMILIES.items() if re.search(suffix, code)), None)


def _known(code: str, pattern: str, *texts: str) -> _Known:
    return _Known(code, re.compile(pattern, re.IGNORECASE), (texts[0], texts[1], texts[2], texts[3]))


# What DataX says by a code and Addax in words alone.
_DIRTY: Texts = (
    "More records were dirty than errorLimit allows.",
    "The log shows the first ten with their reason. Correct the source or the column types, or raise errorLimit.",
    "脏数据超过了 errorLimit 的限制。",
    "日志中有前十条脏数据及原因。修正源数据或列类型，或调大 errorLimit。",
)
_NO_PLUGIN: Texts = (
    "A plugin that the job names is not installed.",
    "Check the plugin's name, or put the plugin into the folder plugin of DATAX_HOME or ADDAX_HOME.",
    "作业使用的插件没有安装。",
    "检查插件名称，或把插件放入 DATAX_HOME 或 ADDAX_HOME 的 plugin 目录。",
)
_NO_FILE: Texts = (
    "The file to read does not exist.",
    "Check path, on the machine of the worker.",
    "要读取的文件不存在。",
    "检查 path，注意是工作进程所在的机器。",
)
_PARAMETER: Texts = (
    "A parameter is missing or has a value that is not accepted.",
    "The message names it; the check finds such faults before a run.",
    "缺少参数，或参数值不被接受。",
    "错误信息中有参数名；检查功能可在运行前发现此类问题。",
)

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
    _known(
        "dirty-records",
        r"dirty data records did not pass the check",
        *_DIRTY,
    ),
    _known(
        "no-plugin",
        r"The plugin '.{1,200}' has not installed",
        *_NO_PLUGIN,
    ),
    _known(
        "no-file",
        r"Cannot find any file in path",
        *_NO_FILE,
    ),
    _known(
        "missing-parameter",
        r"The required item '.{1,200}' is not found|The configuration value for '.{1,200}' is illegal",
        *_PARAMETER,
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

_CODES: Mapping[str, Texts] = {
    "Common-00": (
        "The job document is not what DataX accepts.",
        "Check it here: the check names line and column.",
        "作业配置不是 DataX 能接受的内容。",
        "使用检查功能，它会指出行和列。",
    ),
    "Framework-02": (
        "DataX met an error of its own while it ran.",
        "The log above has the cause; the last 'Caused by' is the first fault.",
        "DataX 运行时出错。",
        "日志上方有原因，最后一个 Caused by 是最初的错误。",
    ),
    "Framework-03": (
        "DataX or the job is not configured rightly.",
        "Look for what is named: often job.setting.speed, core.transport.channel.speed, or a file that is missing.",
        "DataX 或作业配置有误。",
        "查看提示的内容：常见的是 job.setting.speed、core.transport.channel.speed 或缺失的文件。",
    ),
    "Framework-12": _NO_PLUGIN,
    "Framework-13": (
        "A plugin failed while it ran.",
        "The cause stands behind the code; the log has the rest.",
        "插件运行时出错。",
        "原因在错误码之后，其余见日志。",
    ),
    "Framework-14": _DIRTY,
    "DBUtilErrorCode-06": (
        "The database refused a statement.",
        "Read the statement and the database's own words behind the code: column, table, where or querySql.",
        "数据库拒绝执行 SQL。",
        "查看错误码后的 SQL 与数据库返回的信息：column、table、where 或 querySql。",
    ),
    "DBUtilErrorCode-10": (
        "No connection to the database could be made.",
        "Check jdbcUrl, username and password, and the network between worker and database.",
        "无法建立数据库连接。",
        "检查 jdbcUrl、username、password 以及工作进程与数据库之间的网络。",
    ),
    "DBUtilErrorCode-05": (
        "Writing to the database failed.",
        "Read the database's own words behind the code; the first dirty records are in the log.",
        "写入数据库失败。",
        "查看错误码后数据库返回的信息；日志中有最初的脏数据。",
    ),
    "TxtFileReader-04": _NO_FILE,
    "TxtFileWriter-02": (
        "writeMode nonConflict found files of that name.",
        "Choose writeMode truncate or append, or another fileName.",
        "writeMode 为 nonConflict，但目录中已有同名前缀的文件。",
        "改用 truncate 或 append，或更换 fileName。",
    ),
}

_FAMILIES: Mapping[str, Texts] = {
    r"-0[0-3]$": _PARAMETER,
    r"ErrCode|DBUtilErrorCode": (
        "The database refused the connection or a statement.",
        "Read the database's own words behind the code.",
        "数据库拒绝了连接或语句。",
        "查看错误码后数据库返回的信息。",
    ),
}

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
_EXITS = {**_EXITS, 137: _EXITS[-9], 143: _EXITS[-15], 139: _EXITS[-11]}
