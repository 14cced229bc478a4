"""The distribution in front of managed login: custom domains, in no Region, that lead to one of two."""
