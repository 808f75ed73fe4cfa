"""Calls a function of answer.py with each list of arguments, and prints what came of each call as JSON."""
import json
import os
import sys

asked = json.loads(sys.stdin.read())
# What the answer prints by itself is no result.
results = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
sys.path.insert(0, os.getcwd())
import answer

function = getattr(answer, asked["function"])
came = []
for arguments in asked["calls"]:
    try:
        came.append({"returns": function(*arguments)})
    except Exception as error:
        came.append({"raises": [kind.__name__ for kind in type(error).__mro__]})
results.write(json.dumps(came, default=repr))
results.flush()
