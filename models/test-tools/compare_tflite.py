"""How an imported network differs from TensorFlow Lite's own interpreter: python compare_tflite.py NETWORK.tflite NETWORK.onnx

Needs ai-edge-litert and onnxruntime. The .onnx is what `3ddfa models convert NETWORK.tflite NETWORK.onnx` wrote.
"""

import sys

import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter

BOUND = 1e-4
interpreter = Interpreter(sys.argv[1])
interpreter.allocate_tensors()
session = onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
inputs = interpreter.get_input_details()
rng = np.random.default_rng(0)
worst = 0.0
for _ in range(5):
    feeds = {}
    for theirs, ours in zip(inputs, session.get_inputs()):
        values = rng.uniform(-1, 1, theirs["shape"]).astype(np.float32)
        interpreter.set_tensor(theirs["index"], values)
        feeds[ours.name] = values
    interpreter.invoke()
    for theirs, ours in zip(interpreter.get_output_details(), session.run(None, feeds)):
        expected = interpreter.get_tensor(theirs["index"])
        assert expected.shape == ours.shape, (theirs["name"], expected.shape, ours.shape)
        difference = float(np.abs(expected - ours).max())
        print(f"{theirs['name']} {ours.shape}: {difference:.2e} (values up to {np.abs(expected).max():.2f})")
        worst = max(worst, difference)
print(f"largest difference {worst:.2e}, bound {BOUND}")
sys.exit(int(worst > BOUND))
