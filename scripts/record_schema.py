"""Holds records of the tools against lib/report/oob-1.schema.json."""

import json
import pathlib

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "lib/report/oob-1.schema.json"
VALIDATOR = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))


def problems(text):
    """What is wrong with each line of `text` that is a record; lines that are none are left alone."""
    for line in text.splitlines():
        if not line.startswith('{"schema":'):
            continue
        for error in VALIDATOR.iter_errors(json.loads(line)):
            deepest = jsonschema.exceptions.best_match([error])
            yield f"{'/'.join(map(str, deepest.absolute_path))}: {deepest.message[:200]} in {line}"
