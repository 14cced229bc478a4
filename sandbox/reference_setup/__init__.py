"""Builds the reference setup of AWS's article in a sandbox: pool, keys, users, domain, records."""
