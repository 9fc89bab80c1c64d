"""Odd input for what reads text from outside: it must answer or refuse, never crash, never hang, and never lie."""
