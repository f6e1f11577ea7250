"""Write the history from a shell: `python -m tests.history DIR [--articles N]`."""

import argparse
import sys
from pathlib import Path

from .write import write_history

parser = argparse.ArgumentParser(prog="python -m tests.history", description=__doc__)
parser.add_argument("folder", type=Path)
parser.add_argument("--articles", type=int, default=60)
asked = parser.parse_args()
for path in write_history(asked.folder, asked.articles):
    sys.stdout.write(f"{path}\n")
