"""What formats are read with: a member's bytes in; elements, branches, times and text out."""
