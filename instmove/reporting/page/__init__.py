"""The results page: static HTML that is opened from disk."""
