"""One widget a file: each takes a frozen view, draws it by lines, and posts what was clicked."""
