"""What a run did and what it needs, told to people, mail boxes and machines."""
