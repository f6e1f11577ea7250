"""Safe by default: what Scrapy leaves open is shut."""

from types import SimpleNamespace

from scrapy.settings import Settings

from kontum_crawler import settings
from kontum_crawler.pipelines.session import user_agent
from kontum_crawler.store import config


def project() -> Settings:
    made = Settings()
    made.setmodule(settings, priority="project")
    return made


def test_no_console_is_opened() -> None:
    made = project()
    enabled = [path for path, order in made.getwithbase("EXTENSIONS").items() if order is not None]
    assert not made.getbool("TELNETCONSOLE_ENABLED") and not made.getbool("REMOTE_CONTROL_ENABLED")
    assert [path for path in enabled if "telnet" in path or "remote_control" in path] == []


def test_certificates_are_checked() -> None:
    assert project().getbool("DOWNLOAD_VERIFY_CERTIFICATES")


def test_the_project_s_page_is_named_in_one_place() -> None:
    assert config.PROJECT in project()["USER_AGENT"]
    assert config.PROJECT in user_agent(config.Config())


def test_only_http_is_fetched() -> None:
    handlers = project().getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, path in handlers.items() if path} == {"http", "https"}


def test_the_limits_name_each_kind() -> None:
    limits = SimpleNamespace(**project().getdict("KONTUM_LIMITS"))
    assert (limits.page[2], limits.text[2], limits.document[2]) == (
        4_000_000,
        32_000_000,
        128_000_000,
    )
