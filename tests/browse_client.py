"""Pages of an archive through Datasette's own client, whichever Datasette is installed."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasette.app import Datasette

Get = Callable[..., Any]


def asker(files: list[Path], **options: Any) -> Get:
    """What asks pages of these files: `ask("/search?q=…")`, as Datasette's own client does.

    options: of `Datasette`.
    """
    datasette = Datasette([str(path) for path in files], **options)

    def ask(path: str, **more: Any) -> Any:
        async def asked() -> Any:
            await datasette.invoke_startup()
            return await datasette.client.get(path, **more)

        return asyncio.run(asked())

    return ask
