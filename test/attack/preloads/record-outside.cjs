// node --require this: writes what a process reaches for outside of itself to the file SYMFACE_RECORD_OUTSIDE, one a line: connections,
// lookups of names, files opened for writing. What native code does goes past it.
const dns = require('node:dns');
const fs = require('node:fs');
const net = require('node:net');
const { syncBuiltinESMExports } = require('node:module');

const { appendFileSync } = fs;
const file = process.env.SYMFACE_RECORD_OUTSIDE;
let isRecording = false;

function record(kind, what) {
  if (isRecording) return;
  isRecording = true;
  try {
    appendFileSync(file, `${kind} ${what}\n`);
  } finally {
    isRecording = false;
  }
}

function before(object, name, tell) {
  const original = object[name];
  object[name] = function (...args) {
    tell(...args);
    return original.apply(this, args);
  };
}

before(net.Socket.prototype, 'connect', (...args) => {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof options !== 'object') record('connect', options);
  else record('connect', options.path ?? `${options.host ?? 'localhost'}:${options.port}`);
});
for (const module of [dns, dns.promises]) before(module, 'lookup', (name) => record('lookup', name));
const tellOpen = (path, flags) => {
  const isRead =
    flags === undefined || flags === 'r' || typeof flags === 'function' || flags === fs.constants.O_RDONLY;
  if (!isRead) record('write', path);
};
for (const [module, names] of [
  [fs, ['open', 'openSync']],
  [fs.promises, ['open']],
])
  for (const name of names) before(module, name, tellOpen);
for (const [module, names] of [
  [fs, ['writeFile', 'writeFileSync', 'appendFile', 'mkdir', 'mkdirSync']],
  [fs.promises, ['writeFile', 'appendFile', 'mkdir']],
])
  for (const name of names) before(module, name, (path) => record('write', path));
syncBuiltinESMExports();
