"""Published models, written from their equations: baselines, and laws the skin model shares.

`miyano_law` and `shmarov_law` hold the laws; `miyano` and `shmarov` the whole models. Nothing is
imported here, so that the skin model can use a law without loading a solver.
"""
