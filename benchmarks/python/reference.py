"""Times the Python reference (a checkout of 3DDFA_V2 that has its weights and is built) by its public classes.

    python reference.py FOLDER IMAGE --threads 1 --rounds 20

Prints one JSON object: stage -> list of milliseconds, one a round. Nothing of the reference is changed; what today's numpy
and torch no longer accept is put back before it is imported.
"""
import argparse
import glob
import json
import os
import sys
import time
import types

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("image")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--rounds", type=int, default=20)
args = parser.parse_args()
image_path = os.path.abspath(args.image)
os.environ["OMP_NUM_THREADS"] = str(args.threads)
os.chdir(args.folder)
sys.path.insert(0, os.getcwd())

import cv2
import numpy as np
import onnxruntime
import torch

np.long = np.int64
cv2.setNumThreads(args.threads)
torch.set_num_threads(args.threads)

if not glob.glob("FaceBoxes/utils/nms/cpu_nms*.so"):
    # Its Cython NMS does not compile against numpy 2; its own Python version gives the same boxes.
    sys.path.insert(0, os.path.join("FaceBoxes", "utils", "nms"))
    from py_cpu_nms import py_cpu_nms

    module = types.ModuleType("FaceBoxes.utils.nms.cpu_nms")
    module.cpu_nms = py_cpu_nms
    module.cpu_soft_nms = None
    sys.modules["FaceBoxes.utils.nms.cpu_nms"] = module

session_class = onnxruntime.InferenceSession


def session_with_threads(path, options=None, **kwargs):
    options = options or onnxruntime.SessionOptions()
    options.intra_op_num_threads = args.threads
    return session_class(path, options, providers=["CPUExecutionProvider"])


onnxruntime.InferenceSession = session_with_threads
export = torch.onnx.export
torch.onnx.export = lambda *a, **k: export(*a, **{**k, "dynamo": False})

stdout, sys.stdout = sys.stdout, sys.stderr  # The reference prints as it works.

import yaml
from FaceBoxes.FaceBoxes_ONNX import FaceBoxes_ONNX
from TDDFA_ONNX import TDDFA_ONNX
from utils.depth import depth
from utils.pncc import pncc
from utils.render import render
from utils.serialization import ser_to_obj, ser_to_ply
from utils.uv import uv_tex

config = yaml.load(open("configs/mb05_120x120.yml"), Loader=yaml.SafeLoader)
detector = FaceBoxes_ONNX()
tddfa = TDDFA_ONNX(**config)
image = cv2.imread(image_path)

stages = {}


def timed(stage, function):
    start = time.perf_counter()
    result = function()
    stages.setdefault(stage, []).append((time.perf_counter() - start) * 1000)
    return result


try:
    from utils.render_ctypes import render as render_c
except Exception:
    render_c = None

for round_ in range(args.rounds + 2):
    if round_ == 2:
        stages.clear()  # the first two warm up
    boxes = timed("detect", lambda: detector(image))
    params, rois = timed("crop+regress", lambda: tddfa(image, boxes))
    timed("sparse", lambda: tddfa.recon_vers(params, rois, dense_flag=False))
    vertices = timed("dense", lambda: tddfa.recon_vers(params, rois, dense_flag=True))
    one = vertices[:1]
    timed("render (Sim3DR), one face", lambda: render(image, one, tddfa.tri, alpha=0.6))
    if render_c:
        timed("render, one face", lambda: render_c(image, one, tddfa.tri, alpha=0.6))
        start = time.perf_counter()
        again = detector(image)
        p, r = tddfa(image, again)
        render_c(image, tddfa.recon_vers(p, r, dense_flag=True), tddfa.tri, alpha=0.6)
        stages.setdefault("whole still image", []).append((time.perf_counter() - start) * 1000)
    timed("depth, one face", lambda: depth(image, one, tddfa.tri))
    timed("pncc, one face", lambda: pncc(image, one, tddfa.tri))
    timed("uv texture, one face", lambda: uv_tex(image, one, tddfa.tri))
    if round_ < 4:
        timed("ply, one face", lambda: ser_to_ply(one, tddfa.tri, height=image.shape[0], wfp=os.devnull))
        timed("obj, one face", lambda: ser_to_obj(image, [v.copy() for v in one], tddfa.tri, height=image.shape[0], wfp=os.devnull))

json.dump({"faces": len(boxes), "threads": args.threads, "stages": stages}, stdout)
