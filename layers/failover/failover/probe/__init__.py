"""The eyes: one login attempt in each Region, and what its answer says."""
