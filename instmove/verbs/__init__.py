"""One module for each `instmove VERB`."""
