"""A registry that is struck again and again while it works, and counted after each strike."""
