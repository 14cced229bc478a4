"""Builds the parts of each function for AWS."""
