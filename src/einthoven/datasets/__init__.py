"""Public databases: one file per database, the catalogue of them, and how their files are fetched and checked."""
