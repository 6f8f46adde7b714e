"""What is live in a notebook: the workbench and its parts."""
