"""What Datasette's own pages are told of an archive: labels, facets, search boxes, queries.

The same file serves a Datasette without this plugin: `datasette kontum.db --metadata FILE` for
0.65; a 1.0 wants it as `--config` too.
"""

import json
from importlib.resources import files
from typing import Any

NAME = "datasette.json"


def settings_for(name: str) -> dict[str, Any]:
    """Options of `Datasette`, of whichever version, for a database of that name."""
    from datasette import __version__

    known = json.loads((files(__package__) / NAME).read_text("utf-8"))
    known["databases"] = {name: known["databases"]["kontum"]}
    if __version__.startswith("0."):
        return {"metadata": known}
    return {"metadata": known, "config": {"databases": known["databases"]}}
