"""Files in and out, and the REST API."""
