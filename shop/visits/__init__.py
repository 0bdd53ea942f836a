"""What a rep knows before he visits: one customer on one sheet."""
