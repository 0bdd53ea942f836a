"""What it costs this customer, live, with its proof."""
