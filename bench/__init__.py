"""Speed as a ratio to a limit measured in the same run, ours and limit in turn; `make bench`."""
