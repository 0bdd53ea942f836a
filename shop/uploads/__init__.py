"""Files that people send: checked by their content, kept outside the web root."""
