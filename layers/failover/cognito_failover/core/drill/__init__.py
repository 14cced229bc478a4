"""Drills: requests, rules, stages, and the simulated outage."""
