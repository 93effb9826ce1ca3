// Lets MeshCentral's scanner for Intel AMT look for the devices of a fleet: by presence pings, which
// it sends to port 623 alone, and by the web server's header. The module is an npm package of its
// own; this file only calls it.
//
//   OOB_MESHCENTRAL   folder of the package
//   OOB_RANGE, OOB_FOUND   where to look, and how many devices must be found, of OOB_VERSION
//   OOB_HOST, OOB_HTTPS_PORT   a device to ask over TCP; empty host: none
//
// Prints "ok" or "FAIL" and the name of the check, one a line; ends with 1 if one failed.

"use strict";

const path = require("path");

const { OOB_MESHCENTRAL, OOB_RANGE, OOB_FOUND, OOB_VERSION, OOB_HOST, OOB_HTTPS_PORT } = process.env;

const { CreateAmtScanner } = require(path.join(OOB_MESHCENTRAL, "amtscanner.js"));

const tcpLimitMs = 120_000;
let failures = 0;

function check(name, good, detail) {
  console.log(good ? `ok ${name}` : `FAIL ${name}: ${detail}`);
  if (!good) ++failures;
}

/// The devices that a scan of the range finds, by their addresses.
function scanRange(range) {
  return new Promise((resolve, reject) => {
    const scanner = CreateAmtScanner({ DispatchEvent: (_ids, _source, event) => resolve(event.results) });
    scanner.dns = { reverse: (_address, answer) => answer(new Error("names are of no interest")) };
    if (!scanner.performRangeScan("test", range)) reject(new Error("the range is refused"));
  });
}

/// Whether the scanner takes the web server for AMT, and the version that it reads.
function askOverTcp(host, port) {
  return new Promise((resolve, reject) => {
    const scanner = CreateAmtScanner({});
    const limit = setTimeout(() => reject(new Error("no answer")), tcpLimitMs);
    scanner.checkTcpPresenceEx(host, Number(port), {}, (_info, found, version) => {
      clearTimeout(limit);
      resolve({ found, version });
    });
  });
}

async function main() {
  const found = Object.entries(await scanRange(OOB_RANGE));
  check("amtscanner finds the devices of a range", found.length === Number(OOB_FOUND), `${found.length}`);
  const known = found.filter(([, device]) => device.state === 2 && OOB_VERSION.startsWith(device.ver));
  check("amtscanner sees that they are set up, and their version", known.length === found.length, JSON.stringify(found));
  if (OOB_HOST) {
    const told = await askOverTcp(OOB_HOST, OOB_HTTPS_PORT);
    check("amtscanner knows AMT by its web server", told.found === true && (told.version ?? "").startsWith(OOB_VERSION),
      JSON.stringify(told));
  }
  process.exit(failures === 0 ? 0 : 1);
}

main().catch((error) => {
  console.log(`FAIL amtscanner: ${error.message}`);
  process.exit(1);
});
