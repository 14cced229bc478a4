"""Messages to people and events for programs."""
