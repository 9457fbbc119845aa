"""Test households played as whole conversations."""
