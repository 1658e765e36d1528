"""The desk: bytes from serial devices become readings, and readings reach the server once each."""
