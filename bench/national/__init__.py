"""A national month, a trading day and a year-end, each through the doors that everybody uses."""
