"""The pure core: model, ports and decision. Imports only ``common`` and ``settings``."""
