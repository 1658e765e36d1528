"""Ways to hand a label to a printer."""
