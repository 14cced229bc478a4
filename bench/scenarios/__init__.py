"""What happens in the simulated worlds."""
