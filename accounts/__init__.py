"""Who acts, and for which customer company."""
