"""The reference setup: replicated user pool, keys, users, domain and records."""
