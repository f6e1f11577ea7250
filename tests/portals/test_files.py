"""Portal files: what is refused, and in which words."""

import re
from pathlib import Path

import pytest

from kontum_crawler.errors import PortalFileError, UsageError
from kontum_crawler.portals import Registry, check, load
from kontum_crawler.portals.loading import families, of_family

GOOD = """
key    = "my-portal"
name   = "A portal"
hosts  = ["my-portal.example.vn"]

[urls]
article = ['^/(?P<slug>[^/]+)-(?P<id>\\d+)\\.html$']

[[layout]]
title = ["h1"]
body  = ["div.text"]
since = 2018-01-01
"""
MISTAKES = {
    "unknown key": (
        "[[layout]]",
        "[[layout]]\ntitel = ['h2']",
        r":10: layout.titel: unknown key; ",
    ),
    "unknown key at the top": (
        'name   = "A',
        'nane = "x"\nname = "A',
        r":3: nane: .*did you mean «name»",
    ),
    "bad regular expression": ("(?P<slug>[^/]+)", "(?P<slug>[^/+", r":7: urls.article: .*regular"),
    "neither slug nor id": (
        "(?P<slug>[^/]+)-(?P<id>\\d+)",
        "[^/]+",
        r":7: urls.article: .*\(\?P<slug>",
    ),
    "unknown family": (
        'name   = "A',
        'family = "nukevit"\nname = "A',
        r":3: family: unknown family",
    ),
    "bad selector": ('"div.text"', '"div..text["', r":11: layout.body: «div..text\[» is no CSS"),
    "bad date": ("2018-01-01", '"1 January"', r":12: layout.since: must be a day"),
    "no TOML": ('["h1"]', '["h1"', r":11: is no TOML|:10: is no TOML"),
    "wrong type": (
        '["my-portal.example.vn"]',
        '"my-portal.example.vn"',
        r":4: hosts: must be a list",
    ),
    "number for a text": (
        'name   = "A',
        "name = 5 # ",
        r":3: name: must be a text in quotes, such as \"…\"; not 5",
    ),
    "empty text": ('name   = "A', 'name = " " # ', r":3: name: must not be empty"),
    "no requests in flight": (
        'name   = "A',
        'concurrency = 0\nname = "A',
        r":3: concurrency: must be a whole number from 1 to 4, not 0",
    ),
    "endless delay": ('name   = "A', 'delay = inf\nname = "A', r":3: delay: .* not inf"),
    "address without a scheme": (
        'name   = "A',
        'base_url = "my-portal.example.vn"\nname = "A',
        r":3: base_url: «my-portal.example.vn» is no address",
    ),
    "start that is no address": (
        'name   = "A',
        'start_urls = ["ftp://my-portal.example.vn/"]\nname = "A',
        r":3: start_urls: «ftp://my-portal.example.vn/» is no http address",
    ),
    "empty hosts": ('["my-portal.example.vn"]', "[]", r":4: hosts: must name at least one host"),
    "host with a scheme": ("my-portal.example.vn", "http://x.vn/", r":4: hosts: .*no host name"),
    "host twice": ('["my', '["a.vn", "a.vn", "my', r":4: hosts: names a host twice"),
    "missing key": ('key    = "my-portal"', "", r"key: is missing"),
    "unknown status": ('name   = "A', 'status = "ok"\nname = "A', r":3: status: must be one of"),
    "unknown time zone": ('name   = "A', 'timezone = "Kon/Tum"\nname = "A', r":3: timezone: "),
    "pattern of a foreign host": (
        "['^/(?P<slug>[^/]+)-(?P<id>\\d+)\\.html$']",
        "[{ pattern = '^/(?P<slug>.+)$', hosts = ['other.vn'] }]",
        r":6: urls: pattern for «other.vn»",
    ),
    "since after until": (
        "since = 2018-01-01",
        "since = 2019-01-01\nuntil = 2018-01-01",
        r"is after",
    ),
}


def written(folder: Path, text: str, name: str = "my-portal.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_good_file_has_no_faults(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    assert check(path) == []
    assert load(path).layouts[0].body == ("div.text",)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, name: str) -> None:
    before, after, told = MISTAKES[name]
    assert before in GOOD
    path = written(tmp_path, GOOD.replace(before, after, 1))
    faults = "\n".join(check(path))
    assert faults.startswith(str(path))
    assert re.search(told, faults), faults


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert check(tmp_path / "none.toml") == [
        f"{tmp_path / 'none.toml'}: cannot be read: No such file or directory"
    ]


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b'key = "\xff"')
    assert "is not UTF-8 (byte 7)" in check(path)[0]


def test_two_portals_cannot_have_one_host(tmp_path: Path) -> None:
    written(tmp_path, GOOD.replace("my-portal.example.vn", "www.kontum.gov.vn"))
    with pytest.raises(PortalFileError, match=r"my-portal\.toml: hosts: «kontum\.gov\.vn» belongs"):
        Registry(tmp_path)


def test_a_file_of_the_archive_is_found_and_may_replace_a_built_in_one(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace("my-portal", "kkt").replace("A portal", "Ours"), "kkt.toml")
    registry = Registry(tmp_path)
    assert registry.get("my-portal").name == "A portal"
    assert registry.get("kkt").name == "Ours"


def test_an_unknown_portal_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="Did you mean «kkt»"):
        Registry().get("ktk")


def test_a_portal_adds_to_its_family(tmp_path: Path) -> None:
    text = """
key = "a"
name = "A"
family = "nukeviet"
hosts = ["a.example.vn"]

[[layout]]
name = "article"
body = ["div.own"]
"""
    portal = load(written(tmp_path, text))
    assert [layout.name for layout in portal.layouts] == ["article", "print"]
    assert portal.layouts[0].body == ("div.own", "#news-bodyhtml")
    assert portal.layouts[0].lead == (".hometext",)


def test_dated_layouts_stand_side_by_side(tmp_path: Path) -> None:
    text = GOOD.replace("since = 2018-01-01", "until = 2018-12-31") + (
        '\n[[layout]]\nsince = 2019-01-01\ntitle = ["h2"]\n'
    )
    first, second = load(written(tmp_path, text)).layouts
    assert (str(first.until), str(second.since)) == ("2018-12-31", "2019-01-01")


@pytest.mark.parametrize("name", families())
def test_each_family_file_is_good(name: str) -> None:
    assert of_family(name, "host.example.vn").hosts == ("host.example.vn",)
