"""A Document in, a Report out: rows, matches, values, periods and agencies, by the data in mappings/."""
