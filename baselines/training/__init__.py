"""Training of the hosts: samples, validation, one recipe for all of them."""
