"""One folder per instrument format; `discovery` finds them."""
