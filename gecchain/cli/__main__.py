"""`python -m gecchain.cli` is `gec`."""

from gecchain.cli.app import main

main()
