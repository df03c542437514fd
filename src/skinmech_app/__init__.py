"""The command line, the report and the demonstration: presentation only."""
