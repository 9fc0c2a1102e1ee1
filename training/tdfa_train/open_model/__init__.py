"""A face model of our own: shapes sampled from ICT-FaceKit (MIT), on a regular grid in a chart computed here."""
