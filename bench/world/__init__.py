"""The simulated world: two Regions, Route 53, Lambda's schedule, and users behind resolvers."""
