"""The full-text index: every text twice, as written and without accents.

Both forms come from views made of builtin `replace()` calls, so the file needs no extension: plain
sqlite3, sqlite-utils and stock Datasette search, change, rebuild and check it. Spelling knowledge
sits in the query (`store/search/query.py`), never here, so it grows without a new index.

All SQL is generated from `text.FOLD_PAIRS`. A view that differs from what would be generated today
is the sign that the pairs have changed: `check` says so and `create` rebuilds.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from kontum_crawler.text import FOLD_PAIRS

BULLETS = (
    "\uf02d\uf06c\uf06e\uf06f\uf071\uf075\uf076\uf0a7\uf0a8"
    "\uf0b7\uf0d8\uf0de\uf0e0\uf0e8\uf0f0\uf0fc"
)
"""Bullets of symbol fonts, which word processors put in front of a line's first word; SQLite takes
such private characters for letters."""

SEPARATORS = "ʼ" + BULLETS
"""What parts words although SQLite thinks otherwise; with U+02BC, HʼDrai is H'Drai."""

TOKENIZER = f"unicode61 remove_diacritics 0 separators ''{SEPARATORS}''"
"""How the indexes cut words, as it stands between quotes in SQL."""

PAIRS_A_LEVEL = 25
"""SQLite's parser overflows at about 30 nested calls, so the chain is cut into steps."""

WHEN = "coalesce(published_at, first_seen_at)"
"""The moment that `--since`, `--until`, `--sort date` and the timeline go by."""

DATE_INDEXES = {"articles_by_date": f"({WHEN})", "articles_by_portal_date": f"(portal, {WHEN})"}
"""Indexes by an expression, made again with the views: sqlite-utils cannot carry them over."""


@dataclass(frozen=True, slots=True)
class Index:
    """One FTS table over some columns of one table; body first, for column 0 costs least."""

    table: str
    columns: tuple[str, ...]
    rank: str

    @property
    def name(self) -> str:
        """The FTS table."""
        return f"{self.table}_fts"

    @property
    def view(self) -> str:
        """The view that it takes its content from."""
        return f"{self.table}_search"

    @property
    def plain(self) -> tuple[str, ...]:
        """The columns without accents, in the order of those as written."""
        return tuple(f"{column}_plain" for column in self.columns)

    @property
    def all_columns(self) -> tuple[str, ...]:
        """Columns of the FTS table: as written, then plain."""
        return self.columns + self.plain

    @property
    def triggers(self) -> tuple[str, str, str]:
        """Names of the triggers after insert, delete and update."""
        return f"{self.name}_ai", f"{self.name}_ad", f"{self.name}_au"


ARTICLES = Index("articles", ("body", "title", "lead", "byline"), "bm25(1,10,4,3,1,10,4,3)")
ATTACHMENTS = Index("attachments", ("text",), "bm25(1,1)")
INDEXES = (ARTICLES, ATTACHMENTS)


def create(db: sqlite3.Connection) -> None:
    """Make views, FTS tables and triggers anew over `articles` and `attachments`, and fill them.

    Right from any earlier state: each migration that touches one of the two tables begins with
    `drop_triggers` and ends here. Runs inside the caller's transaction.
    """
    drop_triggers(db)
    for index in INDEXES:
        for statement in statements(index):
            db.execute(statement)
    for name, columns in DATE_INDEXES.items():
        db.execute(f"CREATE INDEX {name} ON articles{columns}")
    rebuild(db)


def drop_triggers(db: sqlite3.Connection) -> None:
    """Take triggers and views away, so that a table may be altered or copied by a migration."""
    for name in DATE_INDEXES:
        db.execute(f"DROP INDEX IF EXISTS {name}")
    for index in INDEXES:
        for trigger in index.triggers:
            db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        db.execute(f"DROP VIEW IF EXISTS {index.view}")


def is_whole(db: sqlite3.Connection) -> bool:
    """Whether each table, view, trigger and index of the search stands as `create` makes it.

    Other tools take triggers away without a word (`transform` of sqlite-utils), and the index is
    stale from the next change on. Only the schema is looked at; `check` looks at what it holds.
    """
    known = dict(db.execute("SELECT name, sql FROM sqlite_master").fetchall())
    return DATE_INDEXES.keys() <= known.keys() and all(
        index.name in known and not any(_definition_faults(index, known)) for index in INDEXES
    )


def rebuild(db: sqlite3.Connection) -> None:
    """Fill both indexes from the tables; about 0.7 ms an article, in one transaction."""
    for index in INDEXES:
        db.execute(f"INSERT INTO {index.name}({index.name}) VALUES('rebuild')")


def optimize(db: sqlite3.Connection) -> None:
    """Merge the parts of both indexes; after a backfill this halves the slowest queries."""
    for index in INDEXES:
        db.execute(f"INSERT INTO {index.name}({index.name}) VALUES('optimize')")


def check(db: sqlite3.Connection) -> list[str]:
    """Compare the index with the text; returns what is wrong, one sentence a fault.

    The comparison itself changes nothing, but SQLite only runs it on a connection that may write,
    and it holds the write lock meanwhile. On a read-only connection, rows are compared by id.
    """
    known = dict(db.execute("SELECT name, sql FROM sqlite_master").fetchall())
    faults = []
    for index in INDEXES:
        if index.name not in known:
            faults.append(f"{index.name}: the search index is missing")
            continue
        faults += _definition_faults(index, known)
        if index.view in known:
            faults += _content_faults(db, index)
    return faults


def statements(index: Index) -> Iterator[str]:
    """The SQL that makes one index, in order."""
    columns = ", ".join(index.all_columns)
    yield _view(index)
    # Datasette and sqlite-utils look for content="<table>" to find a table's index; the true
    # content is the view, so the words stand in a comment, which SQLite keeps.
    yield (
        f'CREATE VIRTUAL TABLE IF NOT EXISTS {index.name} USING fts5 /* content="{index.table}" */'
        f" (\n  {columns},\n  content='{index.view}', content_rowid='id',\n"
        f"  tokenize='{TOKENIZER}')"
    )
    yield f"INSERT INTO {index.name}({index.name}, rank) VALUES('rank', '{index.rank}')"
    yield from _triggers(index)


def _view(index: Index) -> str:
    columns = ", ".join(index.all_columns)
    return (
        f"CREATE VIEW {index.view} AS\n{_steps(index, '', index.table)}"
        f"\nSELECT id, {columns} FROM s{_last_step()}"
    )


def _triggers(index: Index) -> Iterator[str]:
    inserted, deleted, updated = index.triggers
    watched = ("id", *index.columns)
    changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in watched)
    # AFTER triggers with OLD.*: BEFORE ones that read the view lose rows under OR IGNORE.
    yield (f"CREATE TRIGGER {inserted} AFTER INSERT ON {index.table} BEGIN\n{_insert(index)};\nEND")
    yield (f"CREATE TRIGGER {deleted} AFTER DELETE ON {index.table} BEGIN\n{_delete(index)};\nEND")
    yield (
        f"CREATE TRIGGER {updated} AFTER UPDATE OF {', '.join(watched)} ON {index.table}\n"
        f"WHEN {changed}\nBEGIN\n{_delete(index)};\n{_insert(index)};\nEND"
    )


def _insert(index: Index) -> str:
    columns = ", ".join(index.all_columns)
    return (
        f"INSERT INTO {index.name}(rowid, {columns})\n{_steps(index, 'new.', None)}"
        f"\nSELECT id, {columns} FROM s{_last_step()}"
    )


def _delete(index: Index) -> str:
    columns = ", ".join(index.all_columns)
    return (
        f"INSERT INTO {index.name}({index.name}, rowid, {columns})\n{_steps(index, 'old.', None)}"
        f"\nSELECT 'delete', id, {columns} FROM s{_last_step()}"
    )


def _steps(index: Index, prefix: str, table: str | None) -> str:
    """The WITH clause: s0 doubles the columns, each further step folds 25 letters."""
    written = ", ".join(f"{prefix}{name} AS {name}" for name in ("id", *index.columns))
    doubled = ", ".join(f"{prefix}{name} AS {name}_plain" for name in index.columns)
    source = f" FROM {table}" if table else ""
    steps = [f"s0 AS (SELECT {written}, {doubled}{source})"]
    for number in range(_last_step()):
        pairs = FOLD_PAIRS[number * PAIRS_A_LEVEL : (number + 1) * PAIRS_A_LEVEL]
        folded = ", ".join(f"{_folded(name, pairs)} AS {name}" for name in index.plain)
        kept = ", ".join(("id", *index.columns))
        steps.append(f"s{number + 1} AS (SELECT {kept}, {folded} FROM s{number})")
    return "WITH " + ",\n".join(steps)


def _last_step() -> int:
    return -(-len(FOLD_PAIRS) // PAIRS_A_LEVEL)


def _folded(column: str, pairs: tuple[tuple[str, str], ...]) -> str:
    expression = column
    for letter, plain in pairs:
        expression = f"replace({expression},'{letter}','{plain}')"
    return expression


def _definition_faults(index: Index, known: dict[str, str]) -> Iterator[str]:
    expected = {index.view: _view(index)}
    expected |= dict(zip(index.triggers, _triggers(index), strict=True))
    for name, sql in expected.items():
        if name not in known:
            yield f"{index.name}: {name} is missing, so the index misses changes"
        elif known[name] != sql:
            yield f"{index.name}: {name} is not what this version makes; rebuild the index"


def _content_faults(db: sqlite3.Connection, index: Index) -> Iterator[str]:
    within = db.in_transaction
    try:
        db.execute(f"INSERT INTO {index.name}({index.name}, rank) VALUES('integrity-check', 1)")
    except sqlite3.OperationalError as error:
        if "readonly" not in str(error):
            yield f"{index.name}: {error}"
        else:
            yield from _row_faults(db, index)
    except sqlite3.DatabaseError:
        yield f"{index.name}: the index does not say what {index.table} says"
    finally:
        if not within and db.in_transaction:
            db.rollback()


def _row_faults(db: sqlite3.Connection, index: Index) -> Iterator[str]:
    for here, there, what in (
        (index.table, f"{index.name}_docsize", "are not in the index"),
        (f"{index.name}_docsize", index.table, f"of the index are not in {index.table}"),
    ):
        (count,) = db.execute(
            f"SELECT count(*) FROM (SELECT id FROM {here} EXCEPT SELECT id FROM {there})"
        ).fetchone()
        if count:
            yield f"{index.name}: {count} rows {what}"
