"""What passages mean. In: passages without a vector. Out: vectors, drained in the background, and the nearest to one."""
