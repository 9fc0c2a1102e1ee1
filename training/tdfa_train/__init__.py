"""Training of face alignment regressors: a 120x120 crop in, the 62 parameters of a 3D morphable model out."""
