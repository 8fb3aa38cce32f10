"""Optical flow: RAFT, its pseudo-labels and fine-tuning, warping masks by flow."""
