"""What `make demo` needs: the launcher and the demo ERP."""
