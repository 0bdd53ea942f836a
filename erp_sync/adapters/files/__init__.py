"""Adapter for an ERP that has nothing but exports: CSV files in a folder, in and out."""
