"""One module a family of commands; each command parses, calls one thing of a lower layer, prints."""
