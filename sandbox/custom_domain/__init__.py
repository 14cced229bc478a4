"""The distribution in front of managed login. It is in no Region and sends a custom domain to one of two Regions."""
