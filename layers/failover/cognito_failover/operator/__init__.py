"""The operator function: runs the requests of people."""
