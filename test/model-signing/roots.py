"""Prints, for each folder given, the statement that model-signing would sign over it."""

import json
import pathlib
import sys

from google.protobuf.json_format import MessageToDict
from model_signing import hashing
from model_signing._signing.signing import Payload

print(json.dumps({
    folder: MessageToDict(Payload(hashing.hash(pathlib.Path(folder))).statement.pb)
    for folder in sys.argv[1:]
}))
