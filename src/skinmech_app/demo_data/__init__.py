"""Data of the worked example: published clinical values, each with its citation."""
