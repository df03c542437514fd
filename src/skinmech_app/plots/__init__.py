"""Figures, one file each; matplotlib is the extra `plot` and is imported when one is drawn."""
