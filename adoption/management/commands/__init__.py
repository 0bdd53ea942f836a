"""Commands of adoption."""
