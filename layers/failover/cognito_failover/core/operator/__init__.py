"""What a person may ask of the controller, and the answer."""
