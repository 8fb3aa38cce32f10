"""The paper's numbers as data, tables, plots."""
