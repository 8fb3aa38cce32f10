"""Parts of the hosts' networks, losses and assignments; many of them are shared by several."""
