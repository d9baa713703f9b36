"""Why an incident happened: rows of its time and of the reference, asked what differs and where."""
