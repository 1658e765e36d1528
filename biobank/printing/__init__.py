"""What labels look like and where they are printed: designs in versions, routing rules, printers."""
