"""What stops a job: DataX's error code, its words, and what to do about it."""

from collections.abc import Mapping
from typing import Any

from datax_job.problem import Text

# The head of DataX's closing words; whoever reads the output of an engine looks for it.
VERDICT = "经DataX智能分析,该任务最可能的错误原因是:"
EXCEPTION = "com.alibaba.datax.common.exception.DataXException"

DESCRIPTIONS = {
    "Common-00": "您提供的配置文件存在错误信息，请检查您的作业配置 .",
    "Common-01": "同步数据出现业务脏数据情况，数据类型转换错误 .",
    "Framework-02": "DataX引擎运行过程出错，具体原因请参看DataX运行结束时的错误诊断信息  .",
    "Framework-03": "DataX引擎配置错误，该问题通常是由于DataX安装错误引起，请联系您的运维解决 .",
    "Framework-12": "DataX插件初始化错误, 该问题通常是由于DataX安装错误引起，请联系您的运维解决 .",
    "Framework-13": "DataX插件运行时出错, 具体原因请参看DataX运行结束时的错误诊断信息 .",
    "Framework-14": (
        "DataX传输脏数据超过用户预期，该错误通常是由于源端数据存在较多业务脏数据导致，"
        "请仔细检查DataX汇报的脏数据日志信息, 或者您可以适当调大脏数据阈值 ."
    ),
    "StreamReader-00": "缺失必要的值",
    "StreamReader-01": "值非法",
    "StreamReader-02": "不支持的column类型",
    "StreamWriter-00": "运行时异常",
    "StreamWriter-01": "您填写的参数值不合法.",
    "StreamWriter-02": "您的参数配置错误.",
    "TxtFileReader-00": "您缺失了必须填写的参数值.",
    "TxtFileReader-01": "您填写的参数值不合法.",
    "TxtFileReader-02": "您的列信息配置同时包含了index,value.",
    "TxtFileReader-03": "您明确的配置列信息,但未填写相应的index,value.",
    "TxtFileReader-04": "您配置的目录文件路径不存在.",
    "TxtFileReader-06": "您配置的文件在打开时异常,建议您检查源目录是否有隐藏文件,管道文件等特殊文件.",
    "TxtFileReader-08": "您缺少权限执行相应的文件操作.",
    "TxtFileReader-11": "您尝试读取的文件目录为空.",
    "UnstructuredStorageReader-01": "您配置的列类型暂不支持.",
    "UnstructuredStorageReader-03": "您填写的参数值不合法.",
    "UnstructuredStorageReader-09": "您配置的文件在读取时出现IO异常.",
    "TxtFileWriter-00": "您的参数配置错误.",
    "TxtFileWriter-01": "您缺失了必须填写的参数值.",
    "TxtFileWriter-02": "您填写的参数值不合法.",
    "TxtFileWriter-03": "您配置的目标文件在写入时异常.",
    "TxtFileWriter-04": "您配置的文件在写入时出现IO异常.",
    "TxtFileWriter-05": "您缺少权限执行相应的文件写入操作.",
    "UnstructuredStorageWriter-00": "您填写的参数值不合法.",
    "UnstructuredStorageWriter-02": "您配置的文件在写入时出现IO异常.",
    "UnstructuredStorageWriter-04": "您缺失了必须填写的参数值.",
    "TransformerErrorCode-03": "Transformer name not found",
    "TransformerErrorCode-04": "Transformer configuration error",
    "TransformerErrorCode-05": "Transformer parameter illegal",
    "TransformerErrorCode-06": "Transformer run exception",
    "DBUtilErrorCode-00": "您的配置错误.",
    "DBUtilErrorCode-01": "获取表字段相关信息失败.",
    "DBUtilErrorCode-02": "您填写的参数值不合法.",
    "DBUtilErrorCode-03": "您缺失了必须填写的参数值.",
    "DBUtilErrorCode-04": "您填写的主键列不合法, DataX 仅支持切分主键为一个,并且类型为整数或者字符串类型.",
    "DBUtilErrorCode-08": "您配置凌乱了. 不能同时既配置table又配置querySql",
    "DBUtilErrorCode-09": "您配置错误. table和querySql 应该并且只能配置一个.",
    "DBUtilErrorCode-14": "设置 session 失败.",
    "MYSQLErrCode-01": "数据库用户名或者密码错误，请检查填写的账号密码或者联系DBA确认账号和密码是否正确",
    "MYSQLErrCode-02": "数据库服务的IP地址或者Port错误，请检查填写的IP地址和Port或者联系DBA确认IP地址和Port是否正确。",
    "MYSQLErrCode-03": "数据库名称错误，请检查数据库实例名称或者联系DBA确认该实例是否存在并且在正常服务",
    "MYSQLErrCode-04": "表不存在，请检查表名或者联系DBA确认该表是否存在",
    "MYSQLErrCode-05": "SQL语句执行出错，请检查Where条件是否存在拼写或语法错误",
    "MYSQLErrCode-06": "Column信息错误，请检查该列是否存在，如果是常量或者变量，请使用英文单引号’包起来",
    "MYSQLErrCode-07": "读表数据出错，因为账号没有读表的权限，请联系DBA确认该账号的权限并授权",
    "DBUtilErrorCode-05": "往您配置的写入表中写入数据时失败.",
    "DBUtilErrorCode-06": ("执行数据库 Sql 失败, 请检查您的配置的 column/table/where/querySql或者向 DBA 寻求帮助."),
    "DBUtilErrorCode-07": "读取数据库数据失败. 请检查您的配置的 column/table/where/querySql或者向 DBA 寻求帮助.",
    "DBUtilErrorCode-10": (
        "连接数据库失败. 请检查您的 账号、密码、数据库名称、IP、Port或者向 DBA 寻求帮助(注意网络环境)."
    ),
}


class Failure(Exception):
    """The job cannot go on. `code` is DataX's, `text` says in a sentence what is wrong and what to do; neither holds a secret."""

    def __init__(self, code: str, template: str, values: Mapping[str, Any] | None = None) -> None:
        self.code = code
        self.text = Text(template, values or {})
        super().__init__(str(self.text))

    def words(self) -> str:
        return f"Code:[{self.code}], Description:[{DESCRIPTIONS.get(self.code, '')}]. - {self.text}"


def closing(failure: Failure) -> str:
    """The last lines of a failed run, in DataX's form."""
    return f"\n\n{VERDICT}\n{EXCEPTION}: {failure.words()}\n"
