"""Sentences of words.toml with their values, and which of them says what a lower room said.

The rooms below speak English only; what they may tell a reader of a page is known here by its form.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kontum_crawler.browse.language import words

LONGEST = 300
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence by its name in words.toml; values: what stands in its braces, sentences too."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self, language: str) -> str:
        """The sentence in a reader's language, its values cut to a readable length."""
        text = words(language)[self.name]
        for name, value in self.values.items():
            said = value.told(language) if isinstance(value, Sentence) else str(value)[:LONGEST]
            text = text.replace(f"{{{name}}}", said)
        return text


SAID = tuple(
    (re.compile(form, re.DOTALL), name)
    for form, name in (
        (r"«(?P<name>.*?)» is not a day; write it as 2024-05-09\.", "no_day"),
        (r"(?P<first>\S+) is after (?P<last>\S+): no day is in both\.", "no_range"),
        (r"no portal «(?P<name>.*)» in this archive; it has: (?P<known>.*)\.", "no_portal_of"),
        (r"No exact match; shown without accents\.", "note_accents"),
        (r"Only the first (?P<count>\d+) words of the query were used\.", "note_cut"),
        (r"The query only says what must not occur; add a word that must\.", "note_only_not"),
        (r"The query has no word to look for\.", "note_no_word"),
        (r".* was written by a newer kontum_crawler \(it has (?P<name>\w+).*", "schema_newer"),
        (r".* was written by an older kontum_crawler \(it lacks (?P<name>\w+).*", "schema_older"),
        (r"«.*» was withdrawn on (?P<day>[\d-]+): (?P<reason>.*)", "withdrawn_on"),
        (r"(?P<reason>.*)\. (?:Nothing was exported; )?`kontum verify` says more\.", "not_packed"),
    )
)  # fmt: skip


def known(message: str) -> Sentence:
    """The sentence that says what an error says; one around its English words for any other."""
    for form, name in SAID:
        if match := form.fullmatch(message):
            return Sentence(name, match.groupdict())
    return Sentence("technical", {"reason": message})


def translated(note: str | None, language: str) -> str | None:
    """A note on a query, which may be several sentences, in a reader's language."""
    for form, name in SAID:
        match = form.search(note) if note and name.startswith("note_") else None
        if note and match:
            said = Sentence(name, match.groupdict()).told(language)
            note = note[: match.start()] + said + note[match.end() :]
    return note
