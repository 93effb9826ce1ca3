// Lends two disks to a device with the Intel AMT redirection and IDER modules of MeshCentral, and
// lets the host of the device read them. The modules are an npm package of their own; this file only
// calls them, with the few parts of a MeshCentral server that they ask for.
//
//   OOB_MESHCENTRAL   folder of the package
//   OOB_HOST, OOB_REDIRECTION_PORT, OOB_REDIRECTION_TLS_PORT   the device; an empty port is left out
//   OOB_USER, OOB_PASSWORD
//   OOB_SIM, OOB_CONTROL   oob-sim, and the control socket of the fleet that the device is in
//
// Prints "ok" or "FAIL" and the name of the check, one a line; ends with 1 if one failed.

"use strict";

const { execFile } = require("child_process");
const crypto = require("crypto");
const fs = require("fs");
const net = require("net");
const os = require("os");
const path = require("path");
const tls = require("tls");

const {
  OOB_MESHCENTRAL, OOB_HOST, OOB_REDIRECTION_PORT, OOB_REDIRECTION_TLS_PORT, OOB_USER,
  OOB_PASSWORD, OOB_SIM, OOB_CONTROL,
} = process.env;

const { CreateAmtRedirect } = require(path.join(OOB_MESHCENTRAL, "amt", "amt-redir-mesh.js"));
const { CreateAmtRemoteIder } = require(path.join(OOB_MESHCENTRAL, "amt", "amt-ider-module.js"));

const waitForMedium = "20s";
const endLimitMs = 120_000;
const floppyBytes = 1_474_560;
const cdBytes = 2048 * 1500;
const startNow = 2;

let failures = 0;

function check(name, good, detail) {
  if (!good) failures += 1;
  console.log((good ? "ok " : "FAIL ") + name + (good || detail === undefined ? "" : ": " + detail));
}

/// What the modules use of a server: forge's MD5 and helpers for binary strings.
const server = {
  debugLevel: 0,
  common: {
    ReadIntX: (text, at) => Buffer.from(text, "binary").readUInt32LE(at),
    IntToStrX: (number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(number);
      return bytes.toString("binary");
    },
    rstr2hex: (text) => Buffer.from(text, "binary").toString("hex"),
  },
  certificateOperations: {
    forge: {
      md: {
        md5: {
          create: () => {
            const hash = crypto.createHash("md5");
            return {
              update(text) {
                hash.update(text, "binary");
                return this;
              },
              digest: () => ({ toHex: () => hash.digest("hex") }),
            };
          },
        },
      },
    },
  },
};

/// What the host says of one of its jobs.
function host(job, ...words) {
  return new Promise((resolve, reject) => {
    execFile(OOB_SIM, ["ctl", "--control", OOB_CONTROL, "disk", OOB_HOST, job, "--wait", waitForMedium, ...words],
             (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(JSON.parse(stdout).data[job])));
  });
}

/// A session of the modules over a socket that is made here: theirs knows the usual ports only.
function lend(port, secured, floppy, cd) {
  const ider = CreateAmtRemoteIder(server, server);
  ider.iderStart = startNow;
  const refused = ider.diskSetup(floppy, cd);
  if (refused) throw new Error("the module refuses the images: " + refused);
  const redirect = CreateAmtRedirect(ider, null, { name: OOB_USER }, server, server);
  redirect.amtuser = OOB_USER;
  redirect.amtpass = OOB_PASSWORD;
  const connected = () => redirect.xxOnSocketConnected();
  const socket = secured
    ? tls.connect({ port, host: OOB_HOST, ciphers: "RSA+AES:!aNULL:!MD5:!DSS", minVersion: "TLSv1",
                    rejectUnauthorized: false }, connected)
    : net.connect(port, OOB_HOST, connected);
  socket.setEncoding("binary");
  redirect.forwardclient = socket;
  socket.on("data", (data) => redirect.xxOnSocketData(data));
  const ended = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {});
  socket.on("close", () => redirect.Stop());
  return { ider, redirect, ended };
}

function digest(file) {
  return crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
}

async function session(label, port, secured, floppy, cd) {
  const lent = lend(Number(port), secured, floppy, cd);
  const probe = await host("probe");
  const answered = (command) => probe.find((each) => each.command === command);
  check(label + ": the module logs in and the host finds the CD", answered("READ CAPACITY").sense === "00/00/00",
        JSON.stringify(probe));
  check(label + ":   what the module does not know comes back as its sense",
        answered("INQUIRY").sense === "05/20/00", answered("INQUIRY").sense);
  for (const [drive, file, bytes] of [["cd", cd, 65_536], ["floppy", floppy, 16_384]]) {
    const read = await host("read", "--drive", drive, "--bytes", String(bytes));
    check(label + ":   the host reads all of the " + drive, read.sha256 === digest(file) && read.failures === 0,
          JSON.stringify(read));
  }
  const write = await host("write", "--drive", "floppy", "--block", "3", "--text", "hello");
  check(label + ":   a write is refused as write-protected", write.sense === "07/27/00", write.sense);
  check(label + ":   the module found no gap in the sequence", lent.redirect.connectstate === 1);
  lent.redirect.Stop();
  const timer = new Promise((resolve) => setTimeout(() => resolve("late"), endLimitMs).unref());
  check(label + ":   the session ends", (await Promise.race([lent.ended.then(() => "ended"), timer])) === "ended");
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "oob-redirection-"));
  const floppy = path.join(folder, "floppy.img");
  const cd = path.join(folder, "cd.iso");
  fs.writeFileSync(floppy, crypto.randomBytes(floppyBytes));
  fs.writeFileSync(cd, crypto.randomBytes(cdBytes));
  try {
    if (OOB_REDIRECTION_PORT) await session("IDER", OOB_REDIRECTION_PORT, false, floppy, cd);
    if (OOB_REDIRECTION_TLS_PORT) await session("IDER over TLS", OOB_REDIRECTION_TLS_PORT, true, floppy, cd);
  } catch (error) {
    check("IDER", false, error.message);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  process.exit(failures ? 1 : 0);
}

main();
