"""The InstMove network, as the paper writes it and as it was released."""
