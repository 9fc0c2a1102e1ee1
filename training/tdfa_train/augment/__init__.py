"""Augmentation of whole batches on the device that trains: geometry with the labels, then colour."""
