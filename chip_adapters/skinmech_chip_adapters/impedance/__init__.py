"""What the impedance formats share: columns of numbers, points of a sweep, spectra."""
