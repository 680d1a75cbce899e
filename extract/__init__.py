"""A file in, a Document out: in the source's own words, with its letters repaired."""
