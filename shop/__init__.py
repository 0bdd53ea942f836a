"""The storefront: one room per noun of the trade."""
