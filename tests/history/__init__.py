"""Three years of a portal as an archive captured them, and the truth about them.

`python -m tests.history DIR` writes `year1.warc.gz` … `year3.warc.gz` and `truth.json`. The pages
are those of the sample portal; what is true is told from its stories, never from its HTML.
"""

from .rounds import ROUNDS, Capture, captures
from .truth import truth
from .write import write_history

__all__ = ["ROUNDS", "Capture", "captures", "truth", "write_history"]
