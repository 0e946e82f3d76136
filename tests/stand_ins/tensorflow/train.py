"""What the converter uses of TensorFlow, for tests where it is not installed.

It reads TensorFlow 1's checkpoints of a single file: a sorted table of LevelDB (blocks of entries whose keys
share prefixes) that holds protocol buffers, under the empty key the shapes, under each other the values of a
tensor. TensorFlow 2.21 and this reader give the same values of the authors' file of EnhanceNet.
"""

import struct
from pathlib import Path

import numpy as np

MAGIC = 0xDB4775248B80FB57


def _varint(data, at):
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _fields(message):
    """Fields of a protocol buffer by number, each a list of integers or bytes."""
    fields, at = {}, 0
    while at < len(message):
        tag, at = _varint(message, at)
        if tag & 7 == 0:
            value, at = _varint(message, at)
        else:
            assert tag & 7 == 2, "only integers and bytes occur"
            size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _entries(data, handle):
    """Keys and values of a block; gives them in order."""
    start, at = _varint(handle, 0)
    size, _ = _varint(handle, at)
    assert data[start + size] == 0, "the block is compressed"
    block = data[start : start + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    key, at = b"", 0
    while at < size - 4 * (restarts + 1):
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        at += own + length
        yield key, block[at - length : at]


class Reader:
    """What ``load_checkpoint`` gives, as far as the converter uses it."""

    def __init__(self, path):
        data = Path(path).read_bytes()
        if len(data) < 48 or struct.unpack("<Q", data[-8:])[0] != MAGIC:
            raise ValueError("not an sstable (bad magic number)")
        footer = data[-48:]
        for _ in range(2):  # the place of the meta-index
            _, at = _varint(footer, 0)
            footer = footer[at:]
        self.shapes, values = {}, {}
        for _, handle in _entries(data, footer):
            for key, value in _entries(data, handle):
                message = _fields(value)
                if not key:
                    for tensor in _fields(message[1][0])[1]:
                        named = _fields(tensor)
                        sizes = [_fields(size)[1][0] for size in _fields(named[2][0]).get(2, [])]
                        self.shapes[named[1][0].decode()] = sizes
                else:
                    tensor = _fields(message[2][0])
                    values[tensor[1][0].decode()] = b"".join(_fields(tensor[3][0])[5])
        self.tensors = {
            name: np.frombuffer(values[name], "<f4").reshape(shape).copy()
            for name, shape in self.shapes.items()
        }

    def get_variable_to_shape_map(self):
        return self.shapes

    def get_tensor(self, name):
        return self.tensors[name]


def load_checkpoint(path):
    return Reader(path)


def _number(value):
    """A varint."""
    parts = []
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _field(number, value):
    """A field of a protocol buffer."""
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    return _number(number << 3 | 2) + _number(len(value)) + value


def _block(entries):
    """A block whose keys share nothing, with its trailer: not compressed; the check sum is not read here."""
    lines = [b"\0" + _number(len(key)) + _number(len(value)) + key + value for key, value in entries]
    starts = [sum(map(len, lines[:index])) for index in range(len(lines))]
    return b"".join(lines) + struct.pack(f"<{len(starts) + 1}I", *starts, len(starts)) + b"\0" * 5


def write_checkpoint(path, tensors):
    """Write single-precision arrays by name, for :class:`Reader`."""
    meta, entries = b"", []
    for name, array in sorted(tensors.items()):
        shape = b"".join(_field(2, _field(1, size)) for size in array.shape)
        meta += _field(1, _field(1, name.encode()) + _field(2, shape) + _field(3, 1))
        values = _field(5, np.ascontiguousarray(array, "<f4").tobytes())
        entries.append((name.encode(), _field(2, _field(1, name.encode()) + _field(3, values))))
    data = _block([(b"", _field(1, meta)), *entries])
    handle = _number(0) + _number(len(data) - 5)
    index = _block([(entries[-1][0], handle)])
    footer = _number(len(data)) + _number(
        len(index) - 5
    )  # of the meta-index, which is not read, and the index
    footer = (footer + footer).ljust(40, b"\0") + struct.pack("<Q", MAGIC)
    Path(path).write_bytes(data + index + footer)
