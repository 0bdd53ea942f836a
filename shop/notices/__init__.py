"""What people are told: in the shop and by mail, as they wish."""
