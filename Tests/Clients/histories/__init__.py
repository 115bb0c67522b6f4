"""What clients did and saw while a cluster was taken apart, and whether it can have been right."""
