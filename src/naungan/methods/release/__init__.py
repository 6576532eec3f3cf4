"""What may be told safely: private synthetic records, k-anonymous records, protected tables, and attacks on them."""
