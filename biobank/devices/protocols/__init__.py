"""One module a device family: its settings, its frames and what a frame says, with no input or output."""
