"""The sample inbox: the forms as data, made-up fills, and the writers that turn both into office files."""
