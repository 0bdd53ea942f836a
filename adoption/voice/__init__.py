"""What customers say outside the shop: enquiries by phone or mail, and leads."""
