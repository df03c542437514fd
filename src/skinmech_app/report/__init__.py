"""The report of a fit: one self-contained page to read, print and hand on."""

from .build import build_report as build_report
