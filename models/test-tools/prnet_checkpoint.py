"""Proof of the PRNet importer against TensorFlow itself, without the published weights.

    python prnet_checkpoint.py make DIR            a checkpoint of resfcn256 with seeded weights, and what TensorFlow gives with it
    3ddfa models convert DIR/resfcn256.index DIR/resfcn256.onnx
    python prnet_checkpoint.py compare DIR         how far the .onnx is from that
    python prnet_checkpoint.py bundle FILE.json    a small checkpoint of TensorFlow's own as a test fixture

Needs tensorflow (any version that still has compat.v1) and, for `compare`, onnxruntime. The architecture is written from the
paper's description and the variable names of the published index.
"""

import base64
import json
import os
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np

BOUND = 1e-4
rng = np.random.default_rng(11)


def build(tf, x, size=16):
    v1 = tf.compat.v1

    def variable(name, shape, centre, spread):
        values = (centre + spread * rng.standard_normal(shape)).astype(np.float32)
        return v1.get_variable(name, initializer=np.abs(values) if centre else values)

    def norm(x, channels, gain=1.0):
        with v1.variable_scope("BatchNorm"):
            beta = variable("beta", [channels], 0, 0.2)
            gamma = variable("gamma", [channels], gain, 0.2 * gain)
            mean = variable("moving_mean", [channels], 0, 0.2)
            variance = variable("moving_variance", [channels], 1, 0.2)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)

    def conv(x, out, kernel, stride, name, normed=True):
        with v1.variable_scope(name):
            inputs = x.shape[3]
            w = variable("weights", [kernel, kernel, inputs, out], 0, np.sqrt(2 / (kernel * kernel * inputs)))
            x = tf.nn.conv2d(x, w, [1, stride, stride, 1], "SAME")
            return tf.nn.relu(norm(x, out)) if normed else x

    def block(x, out, stride, name):
        with v1.variable_scope(name):
            skip = conv(x, out, 1, stride, "shortcut", False) if stride != 1 or x.shape[3] != out else x
            x = conv(x, out // 2, 1, 1, "Conv")
            x = conv(x, out // 2, 4, stride, "Conv_1")
            x = conv(x, out, 1, 1, "Conv_2", False) + skip
            # As in a trained network the sum of two parts is brought back to the size of one.
            return tf.nn.relu(norm(x, out, np.sqrt(0.5)))

    def transposed(x, out, stride, name, activation=tf.nn.relu):
        with v1.variable_scope(name):
            batch, height, inputs = tf.shape(x)[0], x.shape[1], x.shape[3]
            w = variable("weights", [4, 4, out, inputs], 0, np.sqrt(2 * stride * stride / (16 * inputs)))
            shape = [batch, height * stride, height * stride, out]
            x = tf.nn.conv2d_transpose(x, w, shape, [1, stride, stride, 1], "SAME")
            return activation(norm(tf.ensure_shape(x, [None, *shape[1:]]), out))

    def numbered(name, i):
        return name if i == 0 else f"{name}_{i}"

    with v1.variable_scope("resfcn256"):
        x = conv(x, size, 4, 1, "Conv")
        for i in range(10):
            x = block(x, size * 2 ** (i // 2 + 1), 2 - i % 2, numbered("resBlock", i))
        decoder = [(32, 1), (16, 2), (16, 1), (16, 1), (8, 2), (8, 1), (8, 1), (4, 2), (4, 1), (4, 1)]
        decoder += [(2, 2), (2, 1), (1, 2), (1, 1)]
        for i, (factor, stride) in enumerate(decoder):
            x = transposed(x, size * factor, stride, numbered("Conv2d_transpose", i))
        for i in (14, 15):
            x = transposed(x, 3, 1, numbered("Conv2d_transpose", i))
        return transposed(x, 3, 1, "Conv2d_transpose_16", tf.sigmoid)


def make(folder):
    import tensorflow as tf

    v1 = tf.compat.v1
    v1.disable_eager_execution()
    os.makedirs(folder, exist_ok=True)
    x = v1.placeholder(tf.float32, [None, 256, 256, 3])
    positions = build(tf, x) * (256 * 1.1)
    images = rng.integers(0, 256, (2, 256, 256, 3)).astype(np.uint8)
    with v1.Session() as session:
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, f"{folder}/resfcn256", write_meta_graph=False)
        values = session.run(positions, {x: images / 255.0})
    np.savez(f"{folder}/expected.npz", images=images, positions=values)
    print(f"positions {values.shape}: mean {values.mean():.2f}, deviation {values.std():.2f} px")


def compare(folder):
    import onnxruntime

    session = onnxruntime.InferenceSession(f"{folder}/resfcn256.onnx", providers=["CPUExecutionProvider"])
    expected = np.load(f"{folder}/expected.npz")
    (ours,) = session.run(None, {"image": expected["images"]})
    worst = np.abs(ours - expected["positions"]).max() / (256 * 1.1)
    print(f"largest difference {worst:.2e} of the network's output, {worst * 256 * 1.1:.2e} px; bound {BOUND}")
    sys.exit(int(worst > BOUND))


def bundle(path):
    import tensorflow as tf

    v1 = tf.compat.v1
    v1.disable_eager_execution()
    values = {
        "a/very/long/name/that/is/shared/weights": rng.standard_normal((2, 3, 4)).astype(np.float32),
        "a/very/long/name/that/is/shared/weights_1": rng.standard_normal(5),
        "a/very/long/name/that/is/step": np.int64(-7),
        "counts": np.arange(6, dtype=np.int32).reshape(3, 2),
        "half": rng.standard_normal(3).astype(np.float16),
        **{f"many/{i:03}": rng.standard_normal(i % 3).astype(np.float32) for i in range(40)},
    }
    with tempfile.TemporaryDirectory() as folder, v1.Session() as session:
        variables = {name: v1.Variable(value) for name, value in values.items()}
        session.run(v1.global_variables_initializer())
        v1.train.Saver(variables).save(session, f"{folder}/x", write_meta_graph=False)
        encode = lambda name: base64.b64encode(open(f"{folder}/{name}", "rb").read()).decode()
        fixture = dict(
            source=f"models/test-tools/prnet_checkpoint.py bundle, TensorFlow {tf.__version__}",
            index=encode("x.index"),
            data=encode("x.data-00000-of-00001"),
            values={name: dict(shape=np.shape(v), data=np.ravel(v).astype(float).tolist()) for name, v in values.items()},
        )
    with open(path, "w") as out:
        json.dump(fixture, out)
        out.write("\n")


{"make": make, "compare": compare, "bundle": bundle}[sys.argv[1]](sys.argv[2])
