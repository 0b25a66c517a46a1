"""Reports: records of a run as text, a page, a LaTeX table, JUnit XML and a file of regression tests."""
