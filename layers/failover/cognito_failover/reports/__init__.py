"""Reports of moves, drills and outages: a document and a page. The controller imports none of it."""
