"""Inverse questions: which weights it would take for a city to overtake, rank or lead."""
