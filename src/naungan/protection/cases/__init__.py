"""Cases: the person, what was done to them, and everything done for them."""
