"""The observer function: writes observations from a third Region."""
