"""Simulate DES-like strong lenses, find them, measure them, and see where that fails."""

__version__ = "0.1.0"
