"""Articles and captures as files, with what a reader needs to trust them."""
