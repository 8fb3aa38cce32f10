"""Metrics, each a thin use of the official or the standard package."""
