"""The nouns of a WARC: what is captured, where it lies, what is read back.

Words are those of WARC/1.1: record, block, payload, revisit. Fields whose names begin with
`Kontum-` are ours; readers that do not know them pass over them (clause 5.1).
"""

from dataclasses import dataclass, field
from datetime import datetime

RESPONSE = "response"
REVISIT = "revisit"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they went over the wire.

    request: the bytes sent, head and body; empty where there was none (a copy from an archive).
    head: status line and header lines with the blank line that ends them, as received; empty only
    for a capture that is known from an archive's list alone.
    body: as on the wire, chunk marks and content coding kept.
    fetched_at: when the portal answered; retrieved_at: when we got it, if that is another time.
    truncated: `length`, `time`, `disconnect` or `unspecified`, where the body is not all of it.
    archive_digest: what the list of the archive claimed. extra: further WARC fields, in order.
    """

    url: str
    request: bytes
    head: bytes
    body: bytes
    fetched_at: datetime
    ip: str | None = None
    truncated: str | None = None
    origin: str = "live"
    source_uri: str | None = None
    retrieved_at: datetime | None = None
    archive_digest: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: file relative to the archive's folder, offset and length in bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Original:
    """The capture that a revisit repeats; `sha1` is `sha1:<base32>` where it is known."""

    url: str
    fetched_at: datetime
    payload_digest: str
    sha1: str | None = None


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What `warcinfo` says of the run that wrote a file.

    key: names the run for ever; two files of one run have the same. started_at: UTC.
    """

    key: str
    command: str
    started_at: datetime
    portals: tuple[str, ...] = ()
    base_url: str | None = None
    robots: str = "obey"
    user_agent: str | None = None
    operator: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What the writer made of an exchange: all that a row of `captures` needs.

    place: of the response or revisit record, not of the request. status and media_type are those
    of the head, None where it says nothing. repeats: the original where the record is a revisit.
    """

    place: Place
    record_id: str
    payload_digest: str
    sha1: str
    status: int | None
    media_type: str | None
    repeats: Original | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read: its header fields in order, its block, and where it lies.

    version: `1.1`, `1.0`, `0.18` …. offset and length: bytes in the file as it is, so that they
    span one gzip member; `alone` is False where they do not, because the member holds more than
    this record (then both count bytes of the decompressed stream).
    """

    version: str
    fields: list[tuple[str, str]]
    block: bytes
    offset: int
    length: int
    alone: bool = True
    _index: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header field, whatever its case; without blanks around it."""
        if not self._index:
            for known, value in reversed(self.fields):
                self._index[known.lower()] = value
        return self._index.get(name.lower(), default)

    @property
    def type(self) -> str:
        """`response`, `revisit`, `request`, … in lower case; empty where the record says none."""
        return self.get("WARC-Type").lower()

    @property
    def url(self) -> str:
        """WARC-Target-URI without the angle brackets that some tools write around it."""
        return self.get("WARC-Target-URI").strip().removeprefix("<").removesuffix(">").strip()

    @property
    def id(self) -> str:
        """WARC-Record-ID as written; empty where the record has none."""
        return self.get("WARC-Record-ID")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file; `offset` counts bytes of the file, or of the decompressed stream
    where the file is one gzip member. `url` is that of the record, where it could be read. `kind`:
    `damaged`, `cut-off`, `no-record`, `length`, `too-large`, `date`, `digest` or `package`."""

    file: str
    offset: int
    message: str
    url: str = ""
    kind: str = "damaged"

    def __str__(self) -> str:
        where = f"{self.file}: byte {self.offset:,}"
        return f"{where}: {self.url}: {self.message}" if self.url else f"{where}: {self.message}"
