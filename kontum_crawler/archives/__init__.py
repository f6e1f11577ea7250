"""What other archives say and serve: lists, addresses, replies. Bytes in, captures out."""
