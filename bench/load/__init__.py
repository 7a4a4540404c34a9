"""The API under load, on a registry of any size up to 10^9 certificates (design.md, section 7)."""
