"""Views of answers for a terminal of 80 columns. Colour never carries information alone."""
