"""One version of the German-credit example as it is committed, logged as a training job logs it; with `promote`, announced as well."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "python"), os.path.join(HERE, "..", "..", "examples", "german-credit", "pipeline")]
import countersign
import log

asked = json.loads(sys.argv[1])
announce = None
if "promote" in asked:
    promote = asked["promote"]
    client = countersign.Client(promote["server"], promote["token"])
    announce = log.announcing(asked["model"], promote["work"], promote["manifest"], client, promote["to"])
version, status = log.log_version(
    asked["model"],
    asked["folder"],
    asked["features"],
    asked["params"],
    [(one["file"], one["name"], one["context"], one.get("digest")) for one in asked["inputs"]],
    asked["metrics"],
    announce,
)
print(json.dumps({"version": version, "status": status["state"] if status else None}))
