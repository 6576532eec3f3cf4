"""The blind index: keyed, shortened digests of words and numbers, from which nothing can be read."""
