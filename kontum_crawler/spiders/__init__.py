"""The spider and what it knows of a portal's ways: one for all portals."""
