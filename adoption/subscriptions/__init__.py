"""Report pages by mail, once a week, to who wants them."""
