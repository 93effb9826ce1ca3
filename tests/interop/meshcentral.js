// Talks to a device with the Intel AMT modules of MeshCentral, in the order and with the demands of
// its amtmanager (reference wsman, section 6.4). The modules are an npm package of their own; this
// file only calls them.
//
//   OOB_MESHCENTRAL   folder of the package
//   OOB_HOST, OOB_HTTP_PORT, OOB_HTTPS_PORT   the device; an empty port is left out
//   OOB_USER, OOB_PASSWORD
//
// Prints "ok" or "FAIL" and the name of the check, one a line; ends with 1 if one failed.

"use strict";

const path = require("path");

const {
  OOB_MESHCENTRAL, OOB_HOST, OOB_HTTP_PORT, OOB_HTTPS_PORT, OOB_USER, OOB_PASSWORD,
} = process.env;

const createComm = require(path.join(OOB_MESHCENTRAL, "amt", "amt-wsman-comm.js"));
const createWsman = require(path.join(OOB_MESHCENTRAL, "amt", "amt-wsman.js"));
const createAmt = require(path.join(OOB_MESHCENTRAL, "amt", "amt.js"));

const callLimitMs = 120_000;
const powerLimitMs = 120_000;
const pollMs = 500;
const clockToleranceS = 10; // amtmanager sets the clock when it is further off

const power = { on: 2, offSoft: 8 };

let failures = 0;

function report(word, name, detail) {
  console.log(word + " " + name + (detail ? ": " + detail : ""));
}

/// Runs one check; what it throws is its failure.
async function check(name, body) {
  try {
    const detail = await body();
    report("ok", name, detail);
  } catch (error) {
    failures += 1;
    report("FAIL", name, error.message);
  }
}

function expect(condition, message) {
  if (!condition) throw new Error(message);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/// One call of the modules as a promise of what its callback is given.
function call(start) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), callLimitMs);
    start((stack, name, responses, status) => {
      clearTimeout(timer);
      resolve({ stack, responses, status });
    });
  });
}

/// One connection as amtmanager opens it to a device on the local network.
class Session {
  constructor(label, port, tls, password) {
    this.label = label;
    this.comm = createComm(OOB_HOST, Number(port), OOB_USER, password, tls ? 1 : 0);
    this.comm.xtlsFingerprint = 0; // amtmanager accepts any certificate at the first contact
    this.amt = createAmt(createWsman(this.comm));
  }

  batch(names) {
    return call((done) => this.amt.BatchEnum(null, names, done));
  }

  get(name) {
    return call((done) => this.amt.Get(name, done));
  }

  majorVersion() {
    return Number(String(this.comm.amtVersion).split(".")[0]);
  }

  close() {
    this.comm.FailAllError = 999; // silent: nothing is repeated
    this.comm.destroy();
  }
}

/// The whole batch must come through: 200 for each class, except 400 for those in `optional`.
async function batchWorks(session, names, optional = []) {
  const { responses, status } = await session.batch(names);
  const bare = names.map((name) => name.replace("*", ""));
  for (const name of bare) {
    const reply = responses[name];
    expect(reply, name + " was not reached: the batch ended with " + status);
    const tolerated = reply.status === 400 && optional.includes(name);
    expect(reply.status === 200 || tolerated, name + " answered " + reply.status);
  }
  return responses;
}

/// What Get gave: amtmanager uses the members of these without looking first.
function member(responses, name, key) {
  const instance = responses[name].response;
  expect(instance && instance[key] !== undefined, name + " has no " + key);
  return instance[key];
}

async function login(session) {
  const names = ["*AMT_GeneralSettings", "*IPS_HostBasedSetupService"];
  const responses = await batchWorks(session, names);
  const realm = member(responses, "AMT_GeneralSettings", "DigestRealm");
  expect(realm === session.comm.digestRealm,
         "realm " + realm + " is not that of the challenge: " + session.comm.digestRealm);
  const mode = member(responses, "IPS_HostBasedSetupService", "CurrentControlMode");
  expect([1, 2].includes(mode), "control mode " + mode);
  expect(/^\d+\.\d+(\.\d+){1,2}$/.test(session.comm.amtVersion),
         "the Server header has the version " + session.comm.amtVersion);
  if (session.comm.xtls === 1)
    expect(/^[0-9a-f]{40}$/.test(session.comm.getPeerCertificateFingerprint()), "no certificate");
  return "version " + session.comm.amtVersion + ", control mode " + mode;
}

async function readClock(session) {
  const clock = await call((done) =>
    session.amt.AMT_TimeSynchronizationService_GetLowAccuracyTimeSynch(done));
  expect(clock.status === 200, "reading answered " + clock.status);
  expect(clock.responses.Body.ReturnValue === 0, "ReturnValue " + clock.responses.Body.ReturnValue);
  expect(Number.isInteger(clock.responses.Body.Ta0), "Ta0 is " + clock.responses.Body.Ta0);
  return clock.responses.Body.Ta0;
}

function now() {
  return Math.round(Date.now() / 1000);
}

async function setClock(session, time) {
  const before = await readClock(session);
  const reply = await call((done) =>
    session.amt.AMT_TimeSynchronizationService_SetHighAccuracyTimeSynch(before, time, time, done));
  expect(reply.status === 200, "setting answered " + reply.status);
  expect(reply.responses.Body.ReturnValue === 0, "ReturnValue " + reply.responses.Body.ReturnValue);
  const off = (await readClock(session)) - time;
  expect(Math.abs(off) <= clockToleranceS, "the clock is " + off + " s off after it was set");
}

/// The first association says the power state, and amtmanager takes it from there.
async function readPower(session) {
  const responses = await batchWorks(session, ["CIM_ServiceAvailableToElement"]);
  const items = responses.CIM_ServiceAvailableToElement.responses;
  expect(Array.isArray(items) && items.length > 0, "no CIM_ServiceAvailableToElement");
  expect(Number.isInteger(items[0].PowerState), "PowerState is " + items[0].PowerState);
  return items[0].PowerState;
}

/// Asks for a power state until it is there; the host takes its time.
async function powerBecomes(session, wanted) {
  const end = Date.now() + powerLimitMs;
  let state = await readPower(session);
  while (state !== wanted) {
    expect(Date.now() < end, "the power state stays " + state);
    await sleep(pollMs);
    state = await readPower(session);
  }
}

async function switchPower(session, wanted) {
  const reply = await call((done) => session.amt.RequestPowerStateChange(wanted, done));
  expect(reply.status === 200, "the request answered " + reply.status);
  const result = reply.responses.Body.ReturnValue;
  expect(result === 0, "ReturnValue " + result + " " + reply.responses.Body.ReturnValueStr);
  await powerBecomes(session, wanted);
}

async function wakeSystem(session) {
  const reply = await call((done) => session.amt.RequestOSPowerStateChange(power.on, done));
  expect([200, 400].includes(reply.status), "answered " + reply.status);
}

async function pollSystemPower(session) {
  const reply = await session.get("IPS_PowerManagementService");
  expect(reply.status === 200, "IPS_PowerManagementService answered " + reply.status);
  const state = reply.responses.Body.OSPowerSavingState;
  expect([2, 3].includes(state), "OSPowerSavingState is " + state);
}

async function hardware(session) {
  const names = ["*CIM_ComputerSystemPackage", "CIM_SystemPackaging", "*CIM_Chassis", "CIM_Chip",
                 "*CIM_Card", "*CIM_BIOSElement", "CIM_Processor", "CIM_PhysicalMemory",
                 "CIM_MediaAccessDevice", "CIM_PhysicalPackage"];
  const responses = await batchWorks(session, names);
  const guid = member(responses, "CIM_ComputerSystemPackage", "PlatformGUID");
  expect(/^[0-9A-Fa-f]{32}$/.test(guid), "PlatformGUID is " + guid);
  const release = member(responses, "CIM_BIOSElement", "ReleaseDate").Datetime;
  expect(!Number.isNaN(Date.parse(release)), "the BIOS date is " + release);
  member(responses, "CIM_Card", "Manufacturer");
  const chips = responses.CIM_Chip.responses;
  expect(chips.some((chip) => chip.ElementName === "Managed System Processor Chip" && chip.Version),
         "no processor chip with a Version");
  for (const module of responses.CIM_PhysicalMemory.responses)
    expect(Number.isInteger(module.Capacity), "a memory Capacity is " + module.Capacity);
  return chips.length + " chips, " + responses.CIM_PhysicalMemory.responses.length + " memories";
}

async function network(session) {
  const responses = await batchWorks(session, ["AMT_EthernetPortSettings"]);
  const ports = responses.AMT_EthernetPortSettings.responses;
  const macs = ports.map((port) => port.MACAddress).filter(Boolean);
  expect(macs.length > 0, "no port has a MACAddress");
  for (const mac of macs) expect(/^([0-9a-f]{2}-){5}[0-9a-f]{2}$/i.test(mac), "MACAddress " + mac);
  return macs.join(", ");
}

function remoteAccessBatch(session) {
  const names = ["*AMT_EnvironmentDetectionSettingData", "AMT_ManagementPresenceRemoteSAP",
                 "AMT_RemoteAccessCredentialContext", "AMT_RemoteAccessPolicyAppliesToMPS",
                 "AMT_RemoteAccessPolicyRule", "*AMT_UserInitiatedConnectionService",
                 "AMT_MPSUsernamePassword"];
  const proxies = ["IPS_HTTPProxyService", "IPS_HTTPProxyAccessPoint"];
  if (session.majorVersion() <= 11) return batchWorks(session, names);
  return batchWorks(session, [...names, "*" + proxies[0], proxies[1]], proxies);
}

async function settings(session) {
  const names = ["*AMT_GeneralSettings", "*AMT_RedirectionService", "*CIM_KVMRedirectionSAP",
                 "*IPS_OptInService"];
  const responses = await batchWorks(session, names, ["CIM_KVMRedirectionSAP"]);
  member(responses, "IPS_OptInService", "OptInRequired");
  member(responses, "AMT_RedirectionService", "EnabledState");
  member(responses, "AMT_RedirectionService", "ListenerEnabled");
}

async function certificates(session) {
  const names = ["AMT_PublicKeyCertificate", "AMT_PublicPrivateKeyPair", "AMT_TLSSettingData",
                 "AMT_TLSCredentialContext"];
  const responses = await batchWorks(session, names);
  for (const each of responses.AMT_PublicKeyCertificate.responses)
    expect(typeof each.X509Certificate === "string" && typeof each.Subject === "string",
           "a certificate without X509Certificate or Subject");
  const links = responses.AMT_TLSSettingData.responses;
  expect(links.length === 2, links.length + " AMT_TLSSettingData instead of two");
}

/// Wi-Fi and 802.1X may be absent; without the certificates amtmanager gives up.
function wireless(session) {
  const optional = ["CIM_WiFiEndpointSettings", "CIM_WiFiPort", "AMT_WiFiPortConfigurationService",
                    "CIM_IEEE8021xSettings", "AMT_8021XProfile"];
  const names = ["CIM_WiFiEndpointSettings", "*CIM_WiFiPort", "*AMT_WiFiPortConfigurationService",
                 "CIM_IEEE8021xSettings", "AMT_PublicKeyCertificate", "AMT_PublicPrivateKeyPair",
                 "*AMT_8021XProfile"];
  return batchWorks(session, names, optional);
}

async function runSession(label, port, tls) {
  const session = new Session(label, port, tls, OOB_PASSWORD);
  const named = (name) => "meshcentral " + label + " " + name;
  const inBatch = (body) => async () => { await body(session); };
  await check(named("logs in"), () => login(session));
  await check(named("sets the clock an hour ahead"), () => setClock(session, now() + 3600));
  await check(named("sets the clock right"), () => setClock(session, now()));
  await check(named("reads certificates and TLS settings"), () => certificates(session));
  await check(named("reads Wi-Fi and 802.1X"), inBatch(wireless));
  await check(named("reads remote access"), inBatch(remoteAccessBatch));
  await check(named("reads redirection, KVM and consent"), () => settings(session));
  await check(named("reads the hardware"), () => hardware(session));
  await check(named("reads the network"), () => network(session));
  await check(named("reads the power state"), async () => "state " + await readPower(session));
  await check(named("switches off"), () => switchPower(session, power.offSoft));
  await check(named("switches on"), () => switchPower(session, power.on));
  if (session.majorVersion() > 9) {
    await check(named("wakes the system"), () => wakeSystem(session));
    await check(named("polls the system's power"), () => pollSystemPower(session));
  }
  session.close();
}

async function refuse(label, port, tls) {
  const session = new Session(label, port, tls, "not-" + OOB_PASSWORD);
  await check("meshcentral " + label + " is refused with a wrong password", async () => {
    const { status } = await session.batch(["*AMT_GeneralSettings", "*IPS_HostBasedSetupService"]);
    expect(status === 401, "status " + status);
  });
  session.close();
}

async function main() {
  const transports = [["plain", OOB_HTTP_PORT, false], ["TLS", OOB_HTTPS_PORT, true]];
  for (const [label, port, tls] of transports) {
    if (!port) continue;
    await runSession(label, port, tls);
    await refuse(label, port, tls);
  }
  process.exit(failures === 0 ? 0 : 1);
}

main();
