"""One module for each subcommand, named like it (``-`` as ``_``), which holds it as ``command``."""
