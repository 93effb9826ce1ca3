#!/usr/bin/env python3
"""Fails when an include climbs: each layer may include only what stands below it (ARCHITECTURE.md). And when text leaves
for a person anywhere but at the one place that cleans it."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What each layer may include of ours. `codec` and `net` meet in `session` at the earliest.
ALLOWED = {
    "core": {"core"},
    "terminal": {"core", "terminal"},
    "codec": {"core", "codec"},
    "net": {"core", "net"},
    "media": {"core", "net", "media"},
    "session": {"core", "codec", "net", "media", "session"},
    "plane": {"core", "codec", "net", "media", "session", "plane"},
    "report": {"core", "report"},
    "fleet": {"core", "net", "report", "fleet"},
    "cli": {"core", "net", "report", "fleet", "cli"},
    "sim": {"core", "codec", "net", "sim"},
}

# Libraries that belong to few places: in a header nowhere unless it says so, in sources only there.
ASIO_LAYERS = {"net", "session", "plane", "fleet", "cli"}
ONLY_IN = {
    "boost/beast": {"lib/codec/http/parser.cpp"},
    "pugixml": {"lib/codec/wsman/xml.cpp"},
    "boost/regex": {"cmd/oob-sol/script.cpp"},
    "CLI/": {"lib/cli/options.cpp", "lib/cli/parse.cpp"},
    "libssh": {"lib/net/ssh_connection.cpp", "lib/net/ssh_login.cpp"},
    "nlohmann": {"lib/core/json.cpp"},
    "toml++": {"lib/fleet/inventory.cpp", "lib/sim/toml_reader.cpp"},
    "utf8proc": {"lib/report/width.cpp"},
}
HEAVY_IN_HEADERS = ("boost/beast", "pugixml", "CLI/", "nlohmann", "toml++", "openssl", "libssh")
# Wrappers of OpenSSL's constants, included by sources only.
OPENSSL_HEADERS = {"lib/net/tls_versions.h"}

# Standard error and standard output have a writer each. Whoever needs another way to write belongs to these.
WRITERS = {
    r"\bstderr\b|\bstd::c(err|log)\b|\bperror\(|\bwrite\(\s*STDERR_FILENO": {"lib/report/person.cpp"},
    r"\bstdout\b|\bstd::cout\b|\b(v?printf|puts|putchar)\(|\bwrite\(\s*STDOUT_FILENO": {"lib/report/sink.cpp"},
    r"\bv?dprintf\(": set(),
    # What goes out byte for byte also on a terminal: a host's console, and our own control sequences.
    r"\bwrite_exactly_to_stdout\(": {"lib/report/sink.h", "lib/report/sink.cpp", "cmd/oob-sol/screen.cpp",
                                     "cmd/oob-sol/replay.cpp"},
}
NO_CODE = re.compile(r'"(?:[^"\\]|\\.)*"|//.*')

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def problems_of(path):
    relative = path.relative_to(ROOT).as_posix()
    layer = relative.split("/")[1] if relative.startswith("lib/") else None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match, where = INCLUDE.match(line), f"{relative}:{number}"
        if not match:
            code = NO_CODE.sub('""', line)
            for writer, places in WRITERS.items():
                if relative not in places and re.search(writer, code):
                    yield f"{where}: text leaves through lib/report/person.h and sink.h: {line.strip()}"
            continue
        name = match.group(1)
        first = name.split("/")[0]
        if layer and first in ALLOWED and first not in ALLOWED[layer]:
            yield f"{where}: {layer} must not include {name}"
        if layer and name.startswith("boost/asio") and layer not in ASIO_LAYERS:
            yield f"{where}: {layer} must not use Asio"
        for library, places in ONLY_IN.items():
            if name.startswith(library) and relative not in places:
                yield f"{where}: {library} belongs to {', '.join(sorted(places))}"
        if path.suffix == ".h" and name.startswith(HEAVY_IN_HEADERS) and relative not in OPENSSL_HEADERS:
            yield f"{where}: a header must not include {name}"


def main():
    sources = [path for folder in ("lib", "cmd") for path in (ROOT / folder).rglob("*") if path.suffix in (".h", ".cpp")]
    found = [problem for path in sorted(sources) for problem in problems_of(path)]
    print("\n".join(found) if found else f"{len(sources)} files, no include climbs, and text leaves at one place")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
