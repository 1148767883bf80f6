"""Students, which draw in one call or a few what their teacher draws in many."""
