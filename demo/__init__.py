"""A demonstration: a Region fails, and sign-in moves to the replica."""
