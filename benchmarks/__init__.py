"""Speed, as ratios of two ways to do the same thing within one run. Reported, never asserted."""
