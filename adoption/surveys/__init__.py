"""One question, tied to what happened, asked rarely."""
