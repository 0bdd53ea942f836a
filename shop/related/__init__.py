"""What goes with an item: what customers order together with it, from the ERP's orders of all channels."""
