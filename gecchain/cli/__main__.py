"""`python -m gecchain.cli` is `gec`."""

from gecchain.cli.app import main

if __name__ == "__main__":
    main()
