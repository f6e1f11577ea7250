"""One module a family of commands: each parses, calls one thing of a lower layer, prints."""
