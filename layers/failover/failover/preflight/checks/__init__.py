"""Judgements: each module has a tuple ``CHECKS`` of one area. They read nothing themselves."""
