"""Small TensorFlow Lite networks with what Google's own interpreter computes for them: models/test/fixtures/tflite.json.

Needs tensorflow and ai-edge-litert (any recent version): python tflite_fixtures.py ../test/fixtures/tflite.json
Everything in the file is made here, from seeded noise.
"""

import base64
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType

rng = np.random.default_rng(5)


def weights(*shape):
    return tf.constant(rng.normal(0, 1 / np.sqrt(np.prod(shape[:-1])), shape).astype(np.float32))


def numbers(*shape):
    return tf.constant(rng.normal(0, 1, shape).astype(np.float32))


PICTURE = (1, 7, 9, 4)
NETWORKS = {}


def network(shape=PICTURE, **options):
    def keep(function):
        NETWORKS[function.__name__] = (function, shape, options)
        return function

    return keep


@network()
def convolutions(x):
    x = tf.nn.relu(tf.nn.conv2d(x, weights(3, 3, 4, 8), 2, "SAME") + numbers(8))
    x = tf.nn.relu6(tf.nn.depthwise_conv2d(x, weights(3, 3, 8, 2), [1, 1, 1, 1], "SAME") + numbers(16))
    return tf.nn.conv2d(x, weights(2, 3, 16, 3), 1, "VALID", dilations=[1, 1]) + numbers(3)


@network((1, 8, 6, 4))
def even_strides(x):
    return tf.nn.conv2d(x, weights(4, 4, 4, 5), 2, "SAME") + numbers(5)


@network((1, 11, 12, 4))
def dilated(x):
    x = tf.nn.conv2d(x, weights(3, 3, 4, 4), 1, "SAME", dilations=2)
    return tf.nn.depthwise_conv2d(x, weights(3, 3, 4, 1), [1, 1, 1, 1], "VALID", dilations=[2, 2])


@network((1, 5, 6, 4))
def transposed(x):
    x = tf.nn.conv2d_transpose(x, weights(4, 4, 6, 4), [1, 10, 12, 6], 2, "SAME")
    x = tf.nn.relu(x + numbers(6))
    x = tf.nn.conv2d_transpose(x, weights(3, 3, 3, 6), [1, 10, 12, 3], 1, "SAME")
    return tf.nn.conv2d_transpose(x, weights(3, 2, 2, 3), [1, 22, 24, 2], 2, "VALID")


@network()
def residual(x):
    y = tf.nn.relu(tf.nn.conv2d(x, weights(3, 3, 4, 4), 1, "SAME"))
    z = x + y * numbers(4) - numbers(1, 7, 9, 4)
    return tf.concat([tf.maximum(z, y), tf.minimum(z, tf.constant(0.5)), x / (tf.abs(y) + 1.0)], 3)


@network()
def activations(x):
    y = tf.nn.conv2d(x, weights(1, 1, 4, 4), 1, "SAME")
    prelu = tf.nn.relu(y) - numbers(1, 1, 4) * tf.nn.relu(-y)
    parts = [tf.nn.leaky_relu(y, 0.1), tf.sigmoid(y), tf.tanh(y), tf.nn.elu(y), tf.exp(-tf.abs(y)), prelu]
    parts += [y * tf.nn.relu6(y + 3) / 6, tf.math.rsqrt(tf.abs(y) + 1), tf.sqrt(tf.abs(y))]
    return tf.concat(parts, -1)


@network()
def pools(x):
    y = tf.nn.conv2d(x, weights(3, 3, 4, 4), 1, "SAME")
    return tf.concat([tf.nn.avg_pool2d(y, 3, 2, "SAME"), tf.nn.max_pool2d(y, 2, 2, "SAME")], 3)


@network()
def padded(x):
    y = tf.nn.conv2d(tf.pad(x, [[0, 0], [1, 2], [0, 3], [0, 0]]), weights(3, 3, 4, 4), 2, "VALID")
    return tf.pad(y, [[0, 0], [2, 0], [1, 1], [0, 2]], constant_values=1.5)


@network()
def means(x):
    y = tf.nn.relu(tf.nn.conv2d(x, weights(3, 3, 4, 6), 1, "SAME"))
    scale = tf.reduce_mean(y, [1, 2], keepdims=True)
    pooled = tf.reduce_mean(y * scale, [1, 2])
    row = tf.reduce_mean(y, [3])
    return tf.concat([pooled, tf.reshape(row, [1, -1]), tf.reshape(tf.reduce_max(y, 1), [1, -1])], 1)


@network((3, 10))
def layers(x):
    x = tf.nn.relu(tf.matmul(x, weights(10, 12)) + numbers(12))
    return tf.nn.softmax(tf.matmul(x, weights(12, 5)) * 0.7)


@network()
def resized(x):
    y = tf.nn.conv2d(x, weights(3, 3, 4, 1), 1, "SAME")
    raw = tf.raw_ops
    sizes = [[14, 18], [11, 5], [7, 27]]
    parts = []
    for size in sizes:
        for corners, half in [(False, True), (False, False), (True, False)]:
            given = dict(size=size, align_corners=corners, half_pixel_centers=half)
            parts.append(tf.reshape(raw.ResizeBilinear(images=y, **given), [1, -1]))
            parts.append(tf.reshape(raw.ResizeNearestNeighbor(images=y, **given), [1, -1]))
    return tf.concat(parts, 1)


@network()
def slices(x):
    y = tf.nn.conv2d(x, weights(3, 3, 4, 6), 1, "SAME")
    a, b, c = tf.split(y, 3, 3)
    d, e = tf.split(y, [2, 5], 1)
    parts = [a * b, c, y[:, 1:6:2, ::-1, 1:3], y[:, -1], tf.slice(y, [0, 2, 3, 1], [1, 3, -1, 4]), d, e]
    rows = tf.unstack(y, axis=1)
    parts += [tf.stack(rows[:3], 2), tf.transpose(y, [0, 3, 1, 2]), tf.gather(y, [3, 1], axis=2)]
    parts += [tf.expand_dims(rows[0], 1), tf.squeeze(y, 0)]
    return tf.concat([tf.reshape(p, [1, -1]) for p in parts], 1)


@network((1, 6, 8, 4))
def blocks(x):
    x = tf.nn.conv2d(x, weights(3, 3, 4, 4), 1, "SAME")
    x = tf.raw_ops.SpaceToBatchND(input=x, block_shape=[2, 3], paddings=[[1, 1], [0, 1]])
    x = tf.nn.conv2d(x, weights(3, 3, 4, 4), 1, "SAME")
    return tf.raw_ops.BatchToSpaceND(input=x, block_shape=[2, 3], crops=[[1, 0], [2, 1]])


prelu_layer = tf.keras.layers.PReLU(shared_axes=[1, 2], alpha_initializer=tf.keras.initializers.RandomNormal(seed=1))


@network()
def clipped(x):
    y = tf.nn.conv2d(x, weights(3, 3, 4, 6), 1, "SAME")
    narrow = tf.minimum(tf.maximum(x, -1.0), 1.0)
    return tf.concat([tf.nn.relu6(x * 4.0 + x), tf.nn.relu6(x), narrow, prelu_layer(y)], 3)


@network((None, None, 4, 1), sample=(2, 3, 4, 1))
def ranks(x):
    y = tf.squeeze(x, [3])
    count = tf.cast(tf.shape(x)[0], tf.float32)
    return tf.expand_dims(y, 2) * count


@network((2, 6, 5))
def matrices(x):
    product = tf.matmul(x, tf.transpose(x, [0, 2, 1]))
    return tf.matmul(product, tf.tile(numbers(1, 6, 3), [2, 1, 1]))


@network((None, 6, 8, 4), sample=(2, 6, 8, 4))
def batches(x):
    y = tf.nn.conv2d(x, weights(3, 3, 4, 6), 1, "SAME")
    return tf.nn.softmax(tf.reshape(y, [tf.shape(y)[0], -1, 3]))


@network(float16=True)
def half_weights(x):
    y = tf.nn.conv2d(x, weights(3, 3, 4, 16), 1, "SAME") + numbers(16)
    return tf.matmul(tf.reshape(y, [1, -1]), weights(7 * 9 * 16, 4))


@network(weights8=True)
def byte_weights(x):
    y = tf.nn.relu(tf.nn.conv2d(x, weights(3, 3, 4, 64), 1, "SAME"))
    y = tf.nn.depthwise_conv2d(y, weights(3, 3, 64, 2), [1, 1, 1, 1], "SAME")
    return tf.matmul(tf.reduce_mean(y, [1, 2]), weights(128, 16))


@network(full8=True)
def bytes_all_through(x):
    y = tf.nn.relu6(tf.nn.conv2d(x, weights(3, 3, 4, 8), 1, "SAME") + numbers(8))
    y = tf.nn.relu(tf.nn.depthwise_conv2d(tf.pad(y, [[0, 0], [1, 1], [1, 1], [0, 0]]), weights(3, 3, 8, 1), [1, 2, 2, 1], "VALID"))
    z = tf.nn.conv2d(y, weights(1, 1, 8, 8), 1, "SAME")
    return tf.nn.softmax(tf.matmul(tf.reduce_mean(y + z, [1, 2]), weights(8, 6)))


def convert(function, shape, options):
    concrete = tf.function(function).get_concrete_function(tf.TensorSpec(shape, tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    if options.get("float16") or options.get("weights8") or options.get("full8"):
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if options.get("float16"):
        converter.target_spec.supported_types = [tf.float16]
    if options.get("full8"):
        converter.representative_dataset = lambda: ([rng.normal(0, 1, shape).astype(np.float32)] for _ in range(20))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return converter.convert()


def run(model, x):
    # The plain kernels: delegates round in another order.
    interpreter = Interpreter(
        model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    )
    entry = interpreter.get_input_details()[0]
    if tuple(entry["shape"]) != x.shape:
        interpreter.resize_tensor_input(entry["index"], x.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], x)
    interpreter.invoke()
    operators = sorted({op["op_name"] for op in interpreter._get_ops_details()})
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), operators


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def main():
    entries = []
    for name, (function, shape, options) in NETWORKS.items():
        model = convert(function, shape, options)
        x = rng.normal(0, 1, options.get("sample", shape)).astype(np.float32)
        y, operators = run(model, x)
        print(name, len(model), y.shape, *operators)
        entries.append(
            dict(
                name=name,
                operators=operators,
                tflite=encoded(np.frombuffer(model, np.uint8)),
                input=dict(dims=x.shape, data=encoded(x)),
                output=dict(dims=y.shape, data=encoded(y)),
            )
        )
    with open(sys.argv[1], "w") as out:
        json.dump(dict(source="models/test-tools/tflite_fixtures.py, TensorFlow " + tf.__version__, networks=entries), out, indent=1)
        out.write("\n")


main()
