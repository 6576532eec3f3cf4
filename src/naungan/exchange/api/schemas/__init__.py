"""The shapes of what goes in and out, for checking requests and for the document."""
