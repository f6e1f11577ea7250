"""Which article a capture belongs to, and what all captures together say of it."""
