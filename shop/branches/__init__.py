"""What a head office sees of its branches together: orders, open invoices, missing goods. Only to read."""
