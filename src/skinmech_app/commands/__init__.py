"""One file for each command of `skinmech`; heavy imports wait until a command runs."""
