"""A made-up country of any size, as files: what a registry is measured and rehearsed with before a real month comes.

Everything in it is made up and says so. It goes through the same doors as everybody's files.
"""

from gecchain.national.country import MEAN_CERTIFICATES, MadeUpProject, projects_of
from gecchain.national.files import Written, write_month

__all__ = ["MEAN_CERTIFICATES", "MadeUpProject", "Written", "projects_of", "write_month"]
