"""Writes golden/recordio.json: a RecordIO file as MXNet's im2rec and InsightFace write it, with `struct` alone.

After dmlc-core's recordio.cc: magic, then (cflag << 29 | length), then the data padded to 4 bytes; where the data holds
the magic at a multiple of 4 bytes, the record is cut there and the magic left out. After mxnet.recordio.pack: IRHeader is
'IfQQ' (flag, label, id, id2), and flag > 0 says how many float32 labels follow it.
"""
import base64
import json
import pathlib
import struct

MAGIC = 0xCED7230A
MAGIC_BYTES = struct.pack("<I", MAGIC)


def pack(label, content, identifier):
    if isinstance(label, (list, tuple)):
        return struct.pack("<IfQQ", len(label), 0.0, identifier, 0) + struct.pack("<%df" % len(label), *label) + content
    return struct.pack("<IfQQ", 0, float(label), identifier, 0) + content


def write(stream, data):
    begin = 0
    length = len(data)
    for position in range(0, (length >> 2) << 2, 4):
        if data[position:position + 4] == MAGIC_BYTES:
            stream += struct.pack("<II", MAGIC, ((1 if begin == 0 else 2) << 29) | (position - begin))
            stream += data[begin:position]
            begin = position + 4
    stream += struct.pack("<II", MAGIC, ((3 if begin != 0 else 0) << 29) | (length - begin))
    stream += data[begin:]
    stream += b"\0" * (-(length - begin) % 4)


def main():
    contents = [
        b"\xff\xd8 one",
        b"\xff\xd8" + MAGIC_BYTES + b"at an odd place",
        b"\xff\xd8__" + MAGIC_BYTES + b"in the middle" + b"___" + MAGIC_BYTES + MAGIC_BYTES,
        b"\xff\xd8" + bytes(range(256)) * 3,
        MAGIC_BYTES * 3 + b"!",
    ]
    labels = [0, 0, 1, 2, 2]
    count = len(contents)
    records = [pack([count + 1, count + 1 + 3], b"", 0)]
    records += [pack(label, content, key + 1) for key, (label, content) in enumerate(zip(labels, contents))]
    records += [pack(bounds, b"", count + 1 + place) for place, bounds in enumerate([(1, 3), (3, 4), (4, 6)])]
    stream = bytearray()
    index = ""
    for key, record in enumerate(records):
        index += "%d\t%d\n" % (key, len(stream))
        write(stream, record)
    golden = {
        "rec": base64.b64encode(bytes(stream)).decode(),
        "idx": index,
        "faces": [
            {"key": key + 1, "label": label, "content": base64.b64encode(content).decode()}
            for key, (label, content) in enumerate(zip(labels, contents))
        ],
    }
    path = pathlib.Path(__file__).parent / "golden" / "recordio.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


main()
