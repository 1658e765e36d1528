"""Signing in through a sign-in service (OpenID Connect), with a PIV card where the service takes one."""
