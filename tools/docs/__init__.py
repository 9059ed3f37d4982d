"""The generators behind `make docs`: man pages, completions, and the tables in Markdown pages."""
