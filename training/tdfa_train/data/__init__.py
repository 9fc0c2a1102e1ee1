"""Training material: readers, the cache of decoded crops, and the pictures for evaluation."""
