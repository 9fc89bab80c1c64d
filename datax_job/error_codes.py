"""What the codes of DataX and its plugins stand for, in English and Chinese."""

import re
from collections.abc import Mapping

# Cause and hint in English, cause and hint in Chinese.
Texts = tuple[str, str, str, str]

CODES: Mapping[str, Texts] = {
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
    "Framework-12": (
        "A plugin that the job names is not installed.",
        "Check the plugin's name, or put the plugin into the folder plugin of DATAX_HOME or ADDAX_HOME.",
        "作业使用的插件没有安装。",
        "检查插件名称，或把插件放入 DATAX_HOME 或 ADDAX_HOME 的 plugin 目录。",
    ),
    "Framework-13": (
        "A plugin failed while it ran.",
        "The cause stands behind the code; the log has the rest.",
        "插件运行时出错。",
        "原因在错误码之后，其余见日志。",
    ),
    "Framework-14": (
        "More records were dirty than errorLimit allows.",
        "The log shows the first ten with their reason. Correct the source or the column types, or raise errorLimit.",
        "脏数据超过了 errorLimit 的限制。",
        "日志中有前十条脏数据及原因。修正源数据或列类型，或调大 errorLimit。",
    ),
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
    "TxtFileReader-04": (
        "The file to read does not exist.",
        "Check path, on the machine of the worker.",
        "要读取的文件不存在。",
        "检查 path，注意是工作进程所在的机器。",
    ),
    "TxtFileWriter-02": (
        "writeMode nonConflict found files of that name.",
        "Choose writeMode truncate or append, or another fileName.",
        "writeMode 为 nonConflict，但目录中已有同名前缀的文件。",
        "改用 truncate 或 append，或更换 fileName。",
    ),
    "Framework-04": (
        "A secret in the job could not be decrypted by DataX.",
        "Check job.setting.keyVersion and conf/.secret.properties of DATAX_HOME.",
        "DataX 无法解密作业中的密文。",
        "检查 job.setting.keyVersion 以及 DATAX_HOME 的 conf/.secret.properties。",
    ),
    "Framework-15": (
        "A plugin could not divide its work among the channels.",
        "Check splitPk, and the parameters that the message names; with channel 1 nothing is divided.",
        "插件无法切分任务。",
        "检查 splitPk 以及错误信息中的参数；channel 为 1 时不需要切分。",
    ),
    "Framework-143": (
        "DataX was told to stop.",
        "Run it again; see who or what stopped it.",
        "DataX 收到了停止命令。",
        "重新运行；查看是谁停止了它。",
    ),
    "Common-10": (
        "Something was tried several times and failed each time.",
        "The cause stands behind the code; often a database or service that cannot be reached.",
        "多次重试后仍然失败。",
        "原因在错误码之后，常见的是数据库或服务无法连接。",
    ),
    "TransformerErrorCode-06": (
        "A transformer failed on a record.",
        "Check its columnIndex and paras against the values of that column.",
        "转换器处理记录时出错。",
        "对照该列的值检查转换器的 columnIndex 和 paras。",
    ),
    "TransformerErrorCode-07": (
        "The code of dx_groovy could not be compiled.",
        "Correct the code at the line that the message names.",
        "dx_groovy 的代码无法编译。",
        "按错误信息中的行号修改代码。",
    ),
}

# Plugins number their codes in the same way: 00 to 03 are about parameters, whatever the plugin; the rest goes by plugin.
_FILES = r"(?:TxtFileReader|FtpReader|FtpWriter)"
_STORED = "UnstructuredStorageReader"
FAMILIES: tuple[tuple[re.Pattern[str], Texts], ...] = tuple(
    (re.compile(pattern), texts)
    for pattern, texts in (
        (
            r"^(?:Framework-(?:05|06|1[01])|Common-12)$",
            (
                "DataX or one of its plugins is not installed rightly.",
                "Unpack DATAX_HOME, or the plugin that the message names, again.",
                "DataX 或其插件安装有误。",
                "重新解压 DATAX_HOME 或错误信息中的插件。",
            ),
        ),
        (
            rf"^(?:{_FILES}-(?:04|11|16)|{_STORED}-06|HdfsReader-08|OssReader-10)$",
            (
                "There is nothing to read under the path.",
                "Check path: its spelling, its wildcards, and that the files are there now.",
                "路径下没有可读取的文件。",
                "检查 path：拼写、通配符，以及文件当前是否存在。",
            ),
        ),
        (
            rf"^(?:{_FILES}-05|{_STORED}-07|FtpWriter-17)$",
            (
                "The file is written in another encoding than the job says.",
                "Set encoding to that of the file, such as UTF-8 or GBK.",
                "文件编码与作业中的设置不一致。",
                "将 encoding 设置为文件的实际编码，例如 UTF-8 或 GBK。",
            ),
        ),
        (
            rf"^(?:{_FILES}-08|TxtFileWriter-05|OssReader-05|{_STORED}-10)$",
            (
                "The user may not read or write there.",
                "Give the user of the worker, or of the connection, the right to the path.",
                "用户没有读写该路径的权限。",
                "为工作进程的用户或连接所用的用户授予该路径的权限。",
            ),
        ),
        (
            rf"^(?:{_FILES}-(?:06|07)|TxtFileWriter-04|{_STORED}-0[89]|UnstructuredStorageWriter-05|HdfsReader-1[04569]|HdfsWriter-0[48])$",
            (
                "A file could not be opened, read or written.",
                "The cause stands behind the code: a damaged file, a wrong fileType or compress, or a disk or service that fails.",
                "文件无法打开、读取或写入。",
                "原因在错误码之后：文件损坏、fileType 或 compress 不对，或磁盘、服务故障。",
            ),
        ),
        (
            r"^(?:Ftp(?:Reader|Writer)-1[2348]|HdfsReader-(?:13|20)|HdfsWriter-0[69]|OssWriter-05|OcsWriterErrorCode-00[2-6]|NEO4J_ERROR_02)$"
            r"|^(?:Hbase\w*|ObHbase\w*|Gdb\w*|Ads\w*)-0[4-9]$|^Hbasewriter-1[23]$|^ESWriter-0[459]$|^Framework-1[89]$",
            (
                "The service that the job reads or writes could not be reached, or refused to do it.",
                "Check address, user, password or Kerberos of the plugin, and its own words behind the code.",
                "作业读写的服务无法连接，或拒绝了操作。",
                "检查插件的地址、用户、密码或 Kerberos 配置，以及错误码后的返回信息。",
            ),
        ),
        (
            r"-0{0,1}0[0-3]$|^(?:TxtFileReader|FtpReader|FtpWriter)-09$|^HdfsReader-(?:0[4-79]|1[1278])$|^HdfsWriter-(?:07|10)$"
            r"|^UnstructuredStorageReader-0[45]$|^UnstructuredStorageWriter-04$|^OssReader-0[6-9]$|^TransformerErrorCode-0[45]$"
            r"|^AdsWriter-0[68]$|^ESWrite-0[678]$|^ILLEGAL_|^NEO4J_ERROR_01$",
            (
                "A parameter is missing or has a value that is not accepted.",
                "The message names it; the check finds such faults before a run.",
                "缺少参数，或参数值不被接受。",
                "错误信息中有参数名；检查功能可在运行前发现此类问题。",
            ),
        ),
        (
            r"ErrCode|DBUtilErrorCode",
            (
                "The database refused the connection or a statement.",
                "Read the database's own words behind the code.",
                "数据库拒绝了连接或语句。",
                "查看错误码后数据库返回的信息。",
            ),
        ),
        (
            "",
            (
                "DataX or a plugin reported a fault of this kind.",
                "Its own words stand behind the code; the log above has the whole story.",
                "DataX 或插件报告了此类错误。",
                "具体说明在错误码之后，完整过程见上方日志。",
            ),
        ),
    )
)


def texts(code: str) -> Texts:
    """What a code stands for: itself, or the kind that it belongs to. There is always one."""
    return CODES.get(code) or next(found for pattern, found in FAMILIES if pattern.search(code))
