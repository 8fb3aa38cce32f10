"""Verbs of the baselines, beside those of instmove.verbs."""
