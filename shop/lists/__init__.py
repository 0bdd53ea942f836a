"""Lists of items: named ones, favourites, saved baskets, and those that come again."""
