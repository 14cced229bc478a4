"""The heartbeat: observe, decide, record, act, again and again."""
