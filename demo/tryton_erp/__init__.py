# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Tryton 8.0 as the ERP of a made-up wholesaler: created, seeded and served by this tool."""
