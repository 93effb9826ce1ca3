#!/usr/bin/env python3
"""Fails when an include climbs: each layer may include only what stands below it (ARCHITECTURE.md)."""

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
}
HEAVY_IN_HEADERS = ("boost/beast", "pugixml", "CLI/", "nlohmann", "toml++", "openssl", "libssh")
# Wrappers of OpenSSL's constants, included by sources only.
OPENSSL_HEADERS = {"lib/net/tls_versions.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]')


def problems_of(path):
    relative = path.relative_to(ROOT).as_posix()
    layer = relative.split("/")[1] if relative.startswith("lib/") else None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        name, where = match.group(1), f"{relative}:{number}"
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
    print("\n".join(found) if found else f"{len(sources)} files, no include climbs")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
