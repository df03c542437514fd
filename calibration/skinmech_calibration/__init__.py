"""Calibration: experiments, likelihoods, fits, posteriors, predictions."""
