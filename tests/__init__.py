"""The tests, and what they share; `python -m tests.history DIR` writes a history to try."""
