"""The decision, pure: from what is remembered and known to what is wanted, and why."""
