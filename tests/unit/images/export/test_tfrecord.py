"""What TensorFlow reads from our files: asked of TensorFlow itself where it is, and of TensorBoard's reader anywhere.

``EINTHOVEN_TENSORFLOW`` names a Python interpreter that has TensorFlow; ours need not have it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from PIL import Image

from einthoven.errors import OptionError
from einthoven.images.export.example import example
from einthoven.images.export.tfrecord import TfrecordSet, framed
from einthoven.images.picture import Picture

from .conftest import CLASSES

if TYPE_CHECKING:
    from pathlib import Path

REFERENCE = """
import hashlib, json, sys
import tensorflow as tf
several = lambda kind: tf.io.VarLenFeature(kind)
keys = {
    "image/encoded": tf.io.FixedLenFeature((), tf.string), "image/format": tf.io.FixedLenFeature((), tf.string),
    "image/filename": tf.io.FixedLenFeature((), tf.string), "image/source_id": tf.io.FixedLenFeature((), tf.string),
    "image/key/sha256": tf.io.FixedLenFeature((), tf.string),
    "image/height": tf.io.FixedLenFeature((), tf.int64), "image/width": tf.io.FixedLenFeature((), tf.int64),
    **{f"image/object/bbox/{side}": several(tf.float32) for side in ("xmin", "xmax", "ymin", "ymax")},
    "image/object/class/text": several(tf.string), "image/object/class/label": several(tf.int64),
    "image/object/truncated": several(tf.int64), "image/object/difficult": several(tf.int64),
    "image/object/view": several(tf.string),
}
plain = lambda one: one.decode() if isinstance(one, bytes) else one
found = []
for row in tf.data.TFRecordDataset(sys.argv[1:]):
    one = {k: tf.sparse.to_dense(v) if isinstance(v, tf.SparseTensor) else v
           for k, v in tf.io.parse_single_example(row, keys).items()}
    pixels = tf.io.decode_image(one.pop("image/encoded")).numpy()
    one = {k: v.numpy() for k, v in one.items()}
    one = {k: v.tolist() if hasattr(v, "tolist") else v for k, v in one.items()}
    one = {k: [plain(x) for x in v] if isinstance(v, list) else plain(v) for k, v in one.items()}
    found.append({**one, "shape": list(pixels.shape), "pixels": hashlib.sha256(pixels.tobytes()).hexdigest()})
print(json.dumps(found))
"""


def written(folder: Path, pictures: list[Picture], **settings: int) -> tuple[str, ...]:
    target = TfrecordSet(folder, CLASSES, **settings)
    for picture in pictures:
        target.add("train", picture, target.encode(picture))
    return target.finish()


def records(file: Path) -> list[bytes]:
    """Read the records of a file with TensorBoard's reader, which checks both sums of each."""
    reader = pytest.importorskip("tensorboard.compat.tensorflow_stub.pywrap_tensorflow").PyRecordReader_New(str(file))
    found = []
    while True:
        try:
            reader.GetNext()
        except EOFError:
            return found
        except Exception as error:
            if type(error).__name__ == "OutOfRangeError":
                return found
            raise
        found.append(reader.record())


def example_class() -> Any:
    """Return tf.train.Example, made from tensorflow/core/example/{example,feature}.proto."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="tf", syntax="proto3")
    for name, kind in (
        ("BytesList", field.TYPE_BYTES),
        ("FloatList", field.TYPE_FLOAT),
        ("Int64List", field.TYPE_INT64),
    ):
        file.message_type.add(name=name).field.add(name="value", number=1, type=kind, label=field.LABEL_REPEATED)
    one = {"type": field.TYPE_MESSAGE, "label": field.LABEL_OPTIONAL}
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, name in enumerate(("Bytes", "Float", "Int64"), start=1):
        of = f".tf.{name}List"
        feature.field.add(name=f"{name.lower()}_list", number=number, type_name=of, oneof_index=0, **one)
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type_name=".tf.Feature", **one)
    of = ".tf.Features.FeatureEntry"
    features.field.add(name="feature", number=1, type=field.TYPE_MESSAGE, label=field.LABEL_REPEATED, type_name=of)
    whole = file.message_type.add(name="Example")
    whole.field.add(name="features", number=1, type_name=".tf.Features", **one)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tf.Example"))


def features(content: bytes) -> dict[str, list[Any]]:
    found = example_class().FromString(content).features.feature
    return {
        name: list(getattr(one, one.WhichOneof("kind")).value) if one.WhichOneof("kind") else []
        for name, one in found.items()
    }


def test_an_independent_reader_finds_pixels_boxes_and_classes(tmp_path: Path, pictures: list[Picture]) -> None:
    assert written(tmp_path, pictures) == ("train.tfrecord", "label_map.pbtxt")
    found = [features(one) for one in records(tmp_path / "train.tfrecord")]
    assert len(found) == len(pictures)
    for one, picture in zip(found, pictures, strict=True):
        (encoded,) = one["image/encoded"]
        with Image.open(io.BytesIO(encoded)) as image:
            assert np.array_equal(np.asarray(image), picture.pixels)
        assert one["image/key/sha256"] == [hashlib.sha256(encoded).hexdigest().encode()]
        assert one["image/format"] == [b"png"]
        assert one["image/filename"] == one["image/source_id"] == [f"{picture.name}.png".encode()]
        assert (one["image/width"], one["image/height"]) == ([picture.width], [picture.height])
        sides = np.array([one[f"image/object/bbox/{side}"] for side in ("xmin", "ymin", "xmax", "ymax")]).T
        size = (picture.width, picture.height) * 2
        np.testing.assert_allclose(sides.reshape(-1, 4) * size, picture.boxes_xyxy, atol=1e-4)
        assert [text.decode() for text in one["image/object/class/text"]] == list(picture.labels)
        assert [CLASSES[number - 1] for number in one["image/object/class/label"]] == list(picture.labels)
    assert [one["image/object/truncated"] for one in found] == [[0, 0], [1], []]


@pytest.mark.parametrize("place", [3, 9, 14, -2])
def test_a_flipped_bit_is_seen(tmp_path: Path, place: int) -> None:
    content = bytearray(framed(b"a beat"))
    (tmp_path / "good").write_bytes(content)
    assert records(tmp_path / "good") == [b"a beat"]
    content[place] ^= 4
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(Exception, match=r"(?i)corrupt|crc|truncated"):
        records(tmp_path / "bad")


def test_numbers_of_any_length_come_back() -> None:
    whole = [0, 1, 127, 128, 300, 2**31, 2**62]
    halves = [0.0, 0.5, 1 / 3]
    found = features(example({"b": whole, "a": [b"", b"x" * 300], "c": halves, "none": []}))
    assert found == {"a": [b"", b"x" * 300], "b": whole, "c": np.float32(halves).tolist(), "none": []}


def test_a_large_part_is_in_several_files(tmp_path: Path, pictures: list[Picture]) -> None:
    names = written(tmp_path, pictures, shard_bytes=1)
    assert names[:3] == tuple(f"train.tfrecord-{number:05d}-of-00003" for number in range(3))
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names)
    assert [len(records(tmp_path / name)) for name in names[:3]] == [1, 1, 1]


def test_a_label_that_is_no_class_is_named(tmp_path: Path) -> None:
    odd = Picture(np.zeros((9, 9, 3), np.uint8), np.array([[0, 0, 9, 9]]), ("X",), name="one")
    with pytest.raises(OptionError, match=r"one: label 'X' is none of the set's classes MLII-N, "):
        written(tmp_path, [odd])


@pytest.mark.slow
def test_tensorflow_reads_the_same(tmp_path: Path, pictures: list[Picture]) -> None:
    interpreter = os.environ.get("EINTHOVEN_TENSORFLOW")
    if not interpreter:
        pytest.skip("EINTHOVEN_TENSORFLOW names no Python interpreter with TensorFlow")
    files = [str(tmp_path / name) for name in written(tmp_path, pictures, shard_bytes=1)[:-1]]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [interpreter, "-c", REFERENCE, *files], capture_output=True, text=True, env=quiet, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for file, one, picture in zip(files, found, pictures, strict=True):
        assert one["pixels"] == hashlib.sha256(picture.pixels.tobytes()).hexdigest()
        assert one["shape"] == list(picture.pixels.shape)
        ours = features(records(tmp_path / file)[0])
        for key, value in one.items():
            if key.startswith("image/"):
                theirs = value if isinstance(value, list) else [value]
                assert theirs == [x.decode() if isinstance(x, bytes) else x for x in ours[key]], key
