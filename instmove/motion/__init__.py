"""Motion models behind one interface."""
