"""The web door: settings, addresses, sign-in and the shell that every page stands in."""
