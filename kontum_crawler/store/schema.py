"""The tables of an archive as they are made for a new file.

`CONTRACT` holds the tables that readers rely on, column by column (docs/schema.md); `INTERNAL` what
identity is folded from. Later changes are migrations of their own and never edit this module.
"""

CONTRACT = (
    """CREATE TABLE portals (
  key TEXT PRIMARY KEY,
  name TEXT,
  family TEXT,
  base_url TEXT
)""",
    """CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  portal TEXT NOT NULL REFERENCES portals(key),
  slug TEXT NOT NULL,
  native_id TEXT,
  url TEXT NOT NULL,
  title TEXT,
  lead TEXT,
  body TEXT,
  byline TEXT,
  authors TEXT NOT NULL DEFAULT '[]',
  unit TEXT,
  source TEXT,
  photo_by TEXT NOT NULL DEFAULT '[]',
  category TEXT,
  tags TEXT NOT NULL DEFAULT '[]',
  published_at TEXT,
  lang TEXT,
  version INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  gone_at TEXT,
  UNIQUE (portal, slug)
)""",
    """CREATE TABLE article_urls (
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  first_seen_at TEXT NOT NULL,
  last_seen_at TEXT NOT NULL,
  PRIMARY KEY (article_id, url)
)""",
    """CREATE TABLE article_versions (
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  title TEXT,
  lead TEXT,
  body TEXT,
  byline TEXT,
  published_at TEXT,
  content_hash TEXT NOT NULL,
  capture_id INTEGER REFERENCES captures(id) ON DELETE SET NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (article_id, version)
)""",
    """CREATE TABLE captures (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  article_id INTEGER REFERENCES articles(id) ON DELETE SET NULL,
  run_id INTEGER REFERENCES runs(id) ON DELETE SET NULL,
  fetched_at TEXT NOT NULL,
  retrieved_at TEXT NOT NULL,
  source_uri TEXT,
  status INTEGER,
  media_type TEXT,
  payload_digest TEXT,
  origin TEXT NOT NULL DEFAULT 'live',
  content_hash TEXT,
  warc_file TEXT,
  warc_offset INTEGER,
  warc_length INTEGER,
  revisit_of INTEGER REFERENCES captures(id) ON DELETE SET NULL
)""",
    """CREATE TABLE attachments (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  filename TEXT,
  media_type TEXT,
  size INTEGER,
  payload_digest TEXT,
  capture_id INTEGER REFERENCES captures(id) ON DELETE SET NULL,
  text TEXT,
  text_status TEXT
)""",
    """CREATE TABLE images (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  caption TEXT,
  credit TEXT,
  capture_id INTEGER REFERENCES captures(id) ON DELETE SET NULL
)""",
    """CREATE TABLE citations (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  field TEXT NOT NULL,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  quote TEXT NOT NULL,
  doc_type TEXT,
  number TEXT,
  issuer TEXT,
  issuer_code TEXT,
  issued_on TEXT
)""",
    """CREATE TABLE article_groups (
  group_id INTEGER NOT NULL,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  similarity REAL,
  PRIMARY KEY (group_id, article_id)
)""",
    """CREATE TABLE frontier (
  url TEXT PRIMARY KEY,
  portal TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'queued',
  priority INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_until TEXT,
  next_visit_at TEXT,
  etag TEXT,
  last_modified TEXT,
  discovered_at TEXT NOT NULL,
  found_on TEXT
)""",
    """CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  command TEXT NOT NULL,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  outcome TEXT,
  stats TEXT
)""",
    """CREATE TABLE problems (
  id INTEGER PRIMARY KEY,
  run_id INTEGER REFERENCES runs(id) ON DELETE CASCADE,
  url TEXT,
  stage TEXT NOT NULL,
  message TEXT NOT NULL,
  at TEXT NOT NULL
)""",
)
"""Statements that make the tables of the contract, in the order of the design."""

INTERNAL = (
    # What a page said, once for each distinct saying: zlib-compressed JSON.
    """CREATE TABLE extracts (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  content BLOB NOT NULL
)""",
    # Ids are never used twice: `article_states.members` tells by them whether anything has changed.
    """CREATE TABLE observations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  capture_id INTEGER NOT NULL UNIQUE REFERENCES captures(id) ON DELETE CASCADE,
  article_id INTEGER REFERENCES articles(id) ON DELETE SET NULL,
  tombstone_id INTEGER REFERENCES tombstones(id) ON DELETE SET NULL,
  portal TEXT NOT NULL,
  kind TEXT NOT NULL,
  fetched_at TEXT NOT NULL,
  run_key TEXT NOT NULL,
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  page_key TEXT NOT NULL,
  canonical_url TEXT NOT NULL,
  slug TEXT,
  slug_key TEXT,
  from_title INTEGER NOT NULL DEFAULT 0,
  native_id TEXT,
  space TEXT,
  alias INTEGER NOT NULL DEFAULT 0,
  target_page TEXT,
  permanent INTEGER NOT NULL DEFAULT 0,
  content_hash TEXT,
  category TEXT,
  extract_id INTEGER REFERENCES extracts(id)
)""",
    """CREATE TABLE article_states (
  article_id INTEGER PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE,
  newest_id INTEGER,
  extract_id INTEGER,
  versions TEXT,
  members TEXT
)""",
    # Which articles name a picture or a file, by what two spellings of its address have in common.
    """CREATE TABLE file_links (
  url_key TEXT NOT NULL,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  PRIMARY KEY (url_key, article_id)
) WITHOUT ROWID""",
    """CREATE TABLE documents (
  url_key TEXT PRIMARY KEY,
  fetched_at TEXT NOT NULL,
  capture_id INTEGER REFERENCES captures(id) ON DELETE CASCADE,
  media_type TEXT,
  size INTEGER,
  payload_digest TEXT,
  filename TEXT,
  text_status TEXT,
  extract_id INTEGER REFERENCES extracts(id)
)""",
    """CREATE TABLE tombstones (
  id INTEGER PRIMARY KEY,
  portal TEXT NOT NULL,
  slug TEXT NOT NULL,
  url TEXT NOT NULL,
  reason TEXT NOT NULL,
  at TEXT NOT NULL,
  UNIQUE (portal, slug, at)
)""",
    """CREATE TABLE tombstone_pages (
  portal TEXT NOT NULL,
  page_key TEXT NOT NULL,
  tombstone_id INTEGER NOT NULL REFERENCES tombstones(id) ON DELETE CASCADE,
  PRIMARY KEY (portal, page_key, tombstone_id)
) WITHOUT ROWID""",
    # Further digests of a payload: `sha1:<base32>` as stored and decoded, and what a list claimed.
    """CREATE TABLE capture_digests (
  digest TEXT NOT NULL,
  capture_id INTEGER NOT NULL REFERENCES captures(id) ON DELETE CASCADE,
  PRIMARY KEY (digest, capture_id)
) WITHOUT ROWID""",
    # Files below warc/; sha256 and source are those of a foreign file that was copied in.
    """CREATE TABLE warc_files (
  name TEXT PRIMARY KEY,
  sha256 TEXT,
  source TEXT,
  taken_at TEXT,
  scanned INTEGER NOT NULL DEFAULT 0,
  indexed INTEGER NOT NULL DEFAULT 0
)""",
    """CREATE TABLE run_keys (
  key TEXT PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs(id) ON DELETE CASCADE
) WITHOUT ROWID""",
)
"""Statements that make the tables behind them."""

INDEXES = (
    "CREATE UNIQUE INDEX captures_by_record ON captures(warc_file, warc_offset)",
    "CREATE INDEX captures_by_url ON captures(url, fetched_at)",
    "CREATE INDEX captures_by_article ON captures(article_id)",
    "CREATE INDEX captures_by_digest ON captures(payload_digest)",
    "CREATE INDEX captures_by_retrieval ON captures(retrieved_at)",
    "CREATE INDEX captures_by_run ON captures(run_id)",
    "CREATE INDEX captures_by_original ON captures(revisit_of) WHERE revisit_of IS NOT NULL",
    "CREATE INDEX articles_by_published ON articles(published_at)",
    "CREATE INDEX articles_by_first_seen ON articles(first_seen_at)",
    "CREATE INDEX articles_by_category ON articles(category)",
    "CREATE INDEX articles_by_gone ON articles(gone_at) WHERE gone_at IS NOT NULL",
    "CREATE INDEX article_urls_by_url ON article_urls(url)",
    "CREATE INDEX article_versions_by_capture ON article_versions(capture_id)",
    "CREATE INDEX attachments_by_article ON attachments(article_id)",
    "CREATE INDEX attachments_by_url ON attachments(url)",
    "CREATE INDEX attachments_by_capture ON attachments(capture_id)",
    "CREATE INDEX images_by_article ON images(article_id)",
    "CREATE INDEX images_by_url ON images(url)",
    "CREATE INDEX images_by_capture ON images(capture_id)",
    "CREATE INDEX citations_by_article ON citations(article_id)",
    "CREATE INDEX citations_by_number ON citations(number)",
    "CREATE INDEX article_groups_by_article ON article_groups(article_id)",
    "CREATE INDEX frontier_by_priority ON frontier(state, priority DESC, discovered_at)",
    "CREATE INDEX frontier_by_visit ON frontier(state, next_visit_at)",
    "CREATE INDEX problems_by_run ON problems(run_id)",
    "CREATE INDEX observations_by_page ON observations(portal, page_key, fetched_at)",
    "CREATE INDEX observations_by_slug ON observations(portal, slug_key)"
    " WHERE slug_key IS NOT NULL",
    "CREATE INDEX observations_by_native_id ON observations(portal, space, native_id)"
    " WHERE native_id IS NOT NULL",
    "CREATE INDEX observations_by_target ON observations(portal, target_page)"
    " WHERE target_page IS NOT NULL",
    "CREATE INDEX observations_by_article ON observations(article_id)",
    "CREATE INDEX observations_by_tombstone ON observations(tombstone_id)"
    " WHERE tombstone_id IS NOT NULL",
    "CREATE INDEX observations_by_extract ON observations(extract_id)",
    "CREATE INDEX article_states_by_extract ON article_states(extract_id)",
    "CREATE INDEX file_links_by_article ON file_links(article_id)",
    "CREATE INDEX capture_digests_by_capture ON capture_digests(capture_id)",
    "CREATE INDEX run_keys_by_run ON run_keys(run_id)",
    "CREATE INDEX documents_by_extract ON documents(extract_id)",
    "CREATE INDEX documents_by_capture ON documents(capture_id)",
)
"""Indexes: foreign keys both ways, the keys of identity, and what readers sort and search by."""
