"""Answers what people and programs ask of the floor, from memory."""
