"""A known address is found by any of its spellings, whichever way it is remembered."""

from hypothesis import given
from hypothesis import strategies as st

from kontum_crawler import urls
from kontum_crawler.portals import get
from kontum_crawler.spiders.ledger import PLAIN, Ledger

KKT = get("kkt")
HOSTS = ["kkt.kontum.gov.vn", "www.kkt.kontum.gov.vn", "kkt-kontum.com"]
ADDRESSES = st.builds(
    lambda scheme, host, path: urls.address(f"{scheme}://{host}/{path}"),
    st.sampled_from(["http", "https"]),
    st.sampled_from(HOSTS),
    st.sampled_from(
        ["", "a.p-1.html", "tin/5", "tin/", "h%C3%B2a.p-5.html", "ho%CC%80a.p-5.html", "x.html?a=1"]
    ),
)


@given(st.lists(st.tuples(ADDRESSES, st.booleans()), max_size=6), ADDRESSES)
def test_it_answers_like_a_table_of_all_keys(known: list[tuple[str, bool]], link: str) -> None:
    states = dict(known)
    rows = [(url, "article", "done" if done else "queued", None) for url, done in states.items()]
    ledger = Ledger(KKT, rows)
    same = [url for url in states if KKT.url_key(url) == KKT.url_key(link)]
    assert (link in ledger) is (link in states)
    for _ in range(2):  # What was looked up once is found again.
        held = ledger.held(KKT.url_key(link), link)
        assert held in same if same else held is None
    for url, done in states.items():
        assert ledger.is_done(url) is done
    ledger.add(KKT.url_key(link), link)
    assert link in ledger
    assert ledger.held(KKT.url_key(link), link) == link


@given(ADDRESSES)
def test_a_plain_address_is_its_own_only_spelling(url: str) -> None:
    if PLAIN.fullmatch(url):
        path = url.partition("://")[2].partition("/")[2]
        assert urls.key(url).partition("/")[2] == path
        assert urls.address(url) == url


def test_an_address_may_stand_for_itself_alone() -> None:
    mirror = "http://kkt-kontum.com/a.p-1.html"
    ledger = Ledger(KKT, [("http://kkt.kontum.gov.vn/a.p-1.html", "article", "done", None)])
    assert ledger.held(mirror, mirror) is None
    ledger.add(mirror, mirror)
    assert ledger.held(mirror, mirror) == mirror
    assert ledger.held(KKT.url_key(mirror), "http://kkt.kontum.gov.vn/a.p-1.html") != mirror
