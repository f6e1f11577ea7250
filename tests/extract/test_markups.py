"""Every story comes out the same from every markup, on a known portal and on unknown hosts."""

import pytest
from extract.markups import MARKUPS, Write
from extract.stories import STORIES, Picture, Story

from kontum_crawler import portals
from kontum_crawler.extract import extract
from kontum_crawler.items import Article

KKT = portals.get("kkt")
UNKNOWN = portals.Registry().generic("donvi.example.vn")


def _read(write: Write, story: Story, *, known: bool) -> Article:
    host = "kkt.kontum.gov.vn" if known else "donvi.example.vn"
    url = f"http://{host}/{story.slug}.p-3496.html"
    return extract(write(story).encode(), url=url, portal=KKT if known else UNKNOWN)


@pytest.mark.parametrize("known", [True, False], ids=["kkt", "unknown"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
@pytest.mark.parametrize("write", MARKUPS, ids=lambda write: write.__name__)
def test_markup_gives_the_story(write: Write, story: Story, known: bool) -> None:
    article = _read(write, story, known=known)
    assert article.title == story.title
    assert article.body.split("\n\n") == story.body.split("\n\n")
    assert (article.byline, tuple(article.authors)) == (story.byline, story.authors)
    assert (article.published_at, article.lead) == (None, None)
    wanted = [(p.source, p.caption) for p in story.pieces if isinstance(p, Picture)]
    found = [(i.url.partition(".vn")[2], i.caption) for i in article.images]
    assert found == wanted
