"""Compares the controller with other failover policies, and measures its running cost."""
