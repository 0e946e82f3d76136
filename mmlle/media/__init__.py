"""Photographs and films in and out, and their colours."""
