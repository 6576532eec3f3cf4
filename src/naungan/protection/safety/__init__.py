"""What endangers a person, and what is done about it: safety plans with review clocks, and protection measures."""
