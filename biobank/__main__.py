"""`python -m biobank` is the `biobank` command."""

from biobank.cli import main

main()
