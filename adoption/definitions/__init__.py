"""What a manager may choose of the definitions, with its history."""
