"""Unicorn (Yan et al., 2022): one network that detects, segments and embeds; here as it tracks many objects."""
