"""What failures mean, in both languages."""

import time

import pytest

from datax_job import diagnosis, error_codes
from datax_job.diagnosis import explain


@pytest.mark.parametrize(
    ("code", "message", "exit_code", "en", "zh"),
    [
        ("Framework-14", "脏数据条数检查不通过", 1, "errorLimit", "脏数据"),
        ("Framework-12", "插件加载失败", 1, "not installed", "没有安装"),
        ("Framework-13", "java.lang.OutOfMemoryError: Java heap space", 1, "ran out of memory", "内存不足"),
        (
            "DBUtilErrorCode-10",
            "FATAL: password authentication failed for user",
            1,
            "user name or the password",
            "用户名或密码",
        ),
        ("DBUtilErrorCode-10", "Communications link failure", 1, "could not be reached", "无法连接"),
        ("MYSQLErrCode-01", "Access denied for user 'x'@'y'", 1, "password", "密码"),
        ("DBUtilErrorCode-06", 'relation "nope" does not exist', 1, "does not exist", "不存在"),
        ("OdpsWriter-02", "whatever", 1, "parameter", "参数"),
        (None, "", 137, "SIGKILL", "SIGKILL"),
        (None, "", -9, "memory", "内存"),
        (None, "", 143, "SIGTERM", "SIGTERM"),
        (None, "Error: Could not find or load main class com.alibaba.datax.core.Engine", 1, "DATAX_HOME", "DATAX_HOME"),
        (None, "UnsupportedClassVersionError", 1, "JAVA_HOME", "JAVA_HOME"),
        ("TxtFileReader-05", "", 1, "encoding", "编码"),
        ("FtpReader-04", "", 1, "nothing to read", "没有可读取的文件"),
        ("FtpReader-12", "", 1, "could not be reached", "无法连接"),
        ("HdfsReader-13", "", 1, "Kerberos", "Kerberos"),
        ("HdfsWriter-04", "", 1, "could not be opened", "无法打开"),
        ("HdfsReader-05", "", 1, "parameter is missing", "缺少参数"),
        ("OcsWriterErrorCode-001", "", 1, "parameter is missing", "缺少参数"),
        ("OcsWriterErrorCode-002", "", 1, "could not be reached", "无法连接"),
        ("Framework-11", "", 1, "not installed rightly", "安装有误"),
        ("Framework-15", "", 1, "splitPk", "splitPk"),
        ("TransformerErrorCode-07", "", 1, "dx_groovy", "dx_groovy"),
        ("Nobody-99", "", 1, "reported a fault", "报告了"),
        (None, "", -24, "ENGINE_LIMITS", "ENGINE_LIMITS"),
        (None, "", 152, "CPU time", "CPU"),
        (None, "", 134, "SIGABRT", "SIGABRT"),
        (None, "IOException: File too large", 1, "file_size", "file_size"),
        ("killed", "", 137, "SIGKILL", "SIGKILL"),
        (None, "nothing known", 1, "without naming", "没有说明"),
    ],
)
def test_a_failure_is_explained_in_both_languages(
    code: str | None, message: str, exit_code: int, en: str, zh: str
) -> None:
    found = explain(code, message, exit_code)
    assert en in found.cause["en"] + found.hint["en"]
    assert zh in found.cause["zh"] + found.hint["zh"]
    assert found.hint["en"] and found.hint["zh"] and found.code
    if code:
        assert found.code == code


def test_every_text_is_there_in_both_languages() -> None:
    tables = [texts for known in diagnosis._MESSAGES for texts in [known.texts]]
    tables += [
        *error_codes.CODES.values(),
        *(texts for _, texts in error_codes.FAMILIES),
        *(texts for _, texts in diagnosis._EXITS.values()),
    ]
    for texts in tables:
        assert len(texts) == 4 and all(texts)
        assert all(any("\u4e00" <= character <= "\u9fff" for character in text) for text in texts[2:])


def test_no_message_makes_the_patterns_run_away() -> None:
    began = time.process_time()
    for nasty in ("relation " * 20_000, "Table '" * 20_000, "server time zone value " * 20_000, "a" * 500_000):
        explain(None, nasty, 1)
    assert time.process_time() - began < 5
