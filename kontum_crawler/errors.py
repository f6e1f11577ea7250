"""Every error that a command may end with, and the exit code it ends with.

    KontumError                 1   failed
    ├── UsageError              2   wrong usage: unknown portal, bad option, bad portal file
    │   └── PortalFileError     2   names file, key and reason
    ├── ArchiveError            1   unreadable or damaged archive; names the path
    │   ├── NewerSchema         1   written by a newer version
    │   ├── OlderSchema         1   a command that writes must migrate it first
    │   ├── ArchiveFull         1   no space, or the device failed
    │   └── ArchiveBusy        75   another command is writing; nothing was done
    └── NotArticle              -   a page that is no article; a problem, never an exit

Only `cli.py` turns an error into an exit.
"""


class KontumError(Exception):
    """A failure told in the user's words: what, where, what to do, what was left untouched."""

    exit_code = 1


class UsageError(KontumError):
    """The command line, or a file that a person wrote, asks for something that is not there."""

    exit_code = 2


class PortalFileError(UsageError):
    """A portal file is refused; the message starts with file, and line or key."""


class ArchiveError(KontumError):
    """The archive, or one of its files, cannot be used; the message names the path."""


class NewerSchema(ArchiveError):
    """The database holds a migration that this version does not know; nothing was changed."""


class OlderSchema(ArchiveError):
    """The database must be migrated first, which only a command that writes does."""


class ArchiveFull(ArchiveError):
    """The disk took no more bytes (ENOSPC) or failed (EIO); everything before is intact."""


class ArchiveBusy(ArchiveError):
    """Another command holds the write lock of this archive; nothing was done."""

    exit_code = 75


class NotArticle(KontumError):
    """A page that is no article.

    kind: `soft-404`, `login`, `captcha`, `empty`, `script-only`, `frames`, `refresh`, `listing`,
    `not-html`, `no-title`, `too-big` or `broken`; it becomes the start of the problem's message.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
