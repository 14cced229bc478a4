"""One command for people: asks the deployed operator function, and shows what it answers."""
