"""The probe: one sign-in in each Region, and the interpretation of its result."""
