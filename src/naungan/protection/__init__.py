"""Protection: what is done for a person, from first contact to a life rebuilt."""
