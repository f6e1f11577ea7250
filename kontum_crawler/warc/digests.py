"""Digests of payloads and blocks, in the spellings that archives use.

Records carry `sha1:` with base32, as web archives and their indexes do; rows carry `sha256:` with
hex digits. Claims of other tools come in both alphabets, either case, and as `sha-256:` too.
"""

import base64
import binascii
import hashlib
import re

ALGORITHMS = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


def sha1_base32(data: bytes) -> str:
    """The digest that CDX indexes know: `sha1:` and 32 letters."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def sha256_hex(data: bytes) -> str:
    """The digest that rows know: `sha256:` and 64 hex digits."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def parse(claim: str) -> tuple[str, bytes] | None:
    """Algorithm and raw digest of a claim such as `sha1:QWE…` or `sha-256:ab…`.

    A bare value counts as SHA-1. Returns None where the claim names no algorithm that we know, or
    its value has another length than the algorithm's.
    """
    name, _, value = claim.strip().rpartition(":")
    algorithm = re.sub(r"[^a-z0-9]", "", name.lower()) or "sha1"
    if algorithm not in ALGORITHMS:
        return None
    raw = _raw(value, ALGORITHMS[algorithm])
    return (algorithm, raw) if raw is not None else None


def canonical(claim: str) -> str:
    """The claim in our own spelling, so that equal digests are equal texts.

    `sha1:` with base32, any other algorithm with hex digits; what cannot be read stays as it is.
    """
    known = parse(claim)
    if known is None:
        return claim
    algorithm, raw = known
    if algorithm == "sha1":
        return "sha1:" + base64.b32encode(raw).decode()
    return f"{algorithm}:{raw.hex()}"


def matches(claim: str, data: bytes) -> bool | None:
    """Whether the claim is right for the data; None where it cannot be checked."""
    known = parse(claim)
    if known is None:
        return None
    algorithm, raw = known
    return hashlib.new(algorithm, data, usedforsecurity=False).digest() == raw


def _raw(value: str, size: int) -> bytes | None:
    try:
        if len(value) == 2 * size:
            return bytes.fromhex(value)
        padded = value.upper().rstrip("=")
        raw = base64.b32decode(padded + "=" * (-len(padded) % 8))
    except (ValueError, binascii.Error):
        return None
    return raw if len(raw) == size else None
