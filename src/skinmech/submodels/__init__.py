"""The sub-models of skin, one folder each."""
