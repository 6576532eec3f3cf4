"""What Naungan costs: worlds are generated once under build/bench, then measured beside the bare SQL and its peers."""
