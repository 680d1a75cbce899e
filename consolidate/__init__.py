"""Reports in, the dataset and everything around it out: the only room that writes files."""
