"""Vietnamese found however it is typed: the index, the query, the hits and their counts."""
