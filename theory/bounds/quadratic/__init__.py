"""Population risks of tasks with quadratic losses: modeling errors and how rules transfer."""
