"""The pages of the report, in the order of their tabs. Each module builds one from a `Scene`."""
