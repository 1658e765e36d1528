"""`python -m biobank.devices` is `biobank-station`."""

from biobank.devices.cli import main

if __name__ == "__main__":
    main(prog_name="biobank-station")
