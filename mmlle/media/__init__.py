"""Photographs in and out, and their colours."""
