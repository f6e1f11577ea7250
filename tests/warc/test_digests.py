"""Claims of other tools are read in all their spellings."""

import base64
import hashlib

import pytest

from kontum_crawler.warc.digests import matches, parse, sha1_base32, sha256_hex

DATA = b"Kon Tum"
SHA1 = hashlib.sha1(DATA).digest()
SHA256 = hashlib.sha256(DATA).digest()


@pytest.mark.parametrize(
    "claim",
    [
        "sha1:" + base64.b32encode(SHA1).decode(),
        "sha1:" + base64.b32encode(SHA1).decode().lower(),
        "SHA1:" + SHA1.hex(),
        base64.b32encode(SHA1).decode(),
        "sha256:" + SHA256.hex(),
        "sha-256:" + SHA256.hex().upper(),
        "sha256:" + base64.b32encode(SHA256).decode().rstrip("="),
        "md5:" + hashlib.md5(DATA).hexdigest(),
        sha1_base32(DATA),
        sha256_hex(DATA),
    ],
)
def test_a_right_claim_matches_and_a_wrong_one_does_not(claim: str) -> None:
    assert matches(claim, DATA) is True
    assert matches(claim, DATA + b"x") is False


@pytest.mark.parametrize("claim", ["", "crc32:00000000", "sha1:short", "sha1:" + "!" * 32])
def test_a_claim_that_cannot_be_checked_is_neither_right_nor_wrong(claim: str) -> None:
    assert parse(claim) is None
    assert matches(claim, DATA) is None
