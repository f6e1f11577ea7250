"""WARC files: written, read, indexed, checked, mended and packed."""
