"""Pictures from an ONNX file, with NumPy and onnxruntime alone.

ddpm export --checkpoint fashion_mnist --out model.onnx
python docs/sample_onnx.py model.onnx 7                   # writes garments.pgm
"""

import json
import sys

import numpy as np
import onnxruntime


def sample(path, label, n=8, calls=25, seed=0):
    """n pictures (n, C, H, W) in [-1, 1]: by DDIM, or a distilled model's own way in few calls."""
    session = onnxruntime.InferenceSession(path)
    notes = session.get_modelmeta().custom_metadata_map
    config, info, schedule = (json.loads(notes[key]) for key in ("config", "info", "schedule"))
    acp = np.array(schedule["alphas_cumprod"])
    times = np.linspace(len(acp) - 1, 0, calls).round().astype(int).tolist()
    own = info.get("sampling", {}) if (is_student := config["distill"] is not None) else {}
    if is_student:
        times = own["times"][str(own["steps"])]
    warm, contrast = (own.get(k, {}).get(str(len(times)), 1) for k in ("temperature", "contrast"))
    unet, random = config["unet"], np.random.default_rng(seed)
    x = warm * random.standard_normal((n, unet["channels"], *[unet["image_size"]] * 2))
    labels = np.eye(unet["num_classes"] + 1, dtype=np.float32)[[label] * n]
    for t, after in zip(times, [*times[1:], None], strict=True):
        given = {"x": x.astype(np.float32), "t": np.full(n, t, np.float32), "labels": labels}
        (output,) = session.run(None, given)
        signal, sigma = acp[t] ** 0.5, (1 - acp[t]) ** 0.5
        guesses = {"v": signal * x - sigma * output, "eps": (x - sigma * output) / signal}
        x_start = guesses.get(config["diffusion"]["objective"], output).clip(-1, 1)
        if after is None:
            return (contrast * x_start).clip(-1, 1)
        fresh = random.standard_normal(x.shape) if is_student else (x - signal * x_start) / sigma
        x = acp[after] ** 0.5 * x_start + (1 - acp[after]) ** 0.5 * fresh


if __name__ == "__main__":
    row = np.concatenate(sample(sys.argv[1], int(sys.argv[2])), axis=2)[0]
    with open("garments.pgm", "wb") as file:  # grey, which most viewers open
        file.write(b"P5 %d %d 255\n" % row.shape[::-1])
        file.write(((row + 1) * 127.5).round().astype(np.uint8).tobytes())
