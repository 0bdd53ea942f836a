"""Lists of items: named ones, favourites, saved baskets, and those that are ordered again and again."""
