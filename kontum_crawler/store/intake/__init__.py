"""From records on disk to rows: ingest, recovery, re-extraction, and the check of it all."""
