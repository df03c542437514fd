"""Command line, reports and plots: presentation only. Importing it costs no JAX."""
