"""Random weeks of the controller, judged by what DNS answers to a client."""
