"""How dates read in the administration; pages of the shop have their own formatters (shop.money.formats)."""
