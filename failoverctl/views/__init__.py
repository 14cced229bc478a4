"""How answers look on a terminal of 80 columns. Colour only repeats what a word says."""
