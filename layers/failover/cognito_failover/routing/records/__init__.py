"""The weighted records of the domain in Route 53."""
