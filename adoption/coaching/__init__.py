"""Five customers a week for each rep: who could move online, and whether the nudge moved them."""
