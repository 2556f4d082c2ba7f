/**
 * Services that are compared with each other, which differ in their settings: all run at once, and are asked in turn, so that
 * what else the machine does meets all of them.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { freePort, newDataFolder, startService } from './service-process.mjs';

const thisCheckout = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Starts a service with API keys for each arm, runs `work`, and ends them.
 * @param arms by name: variables of the environment, and the checkout whose build serves, this one where there is none
 * @param tenants who has a key
 * @param work is given the arms: name, service, server, keys by tenant, and `client(tenant)`
 */
export async function withArms(arms, tenants, work, options = {}) {
  const ends = [];
  try {
    const started = [];
    for (const [name, arm] of Object.entries(arms))
      started.push(await startArm(name, arm, tenants, options, ends));
    return await work(started);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function startArm(name, { settings, checkout = thisCheckout }, tenants, options, ends) {
  const command = join(checkout, 'dist/cli/main.js');
  const data = await newDataFolder();
  ends.push(data.remove);
  const environment = { SYMFACE_DATA_DIR: data.folder, SYMFACE_AUTHENTICATION: 'api-key', ...settings };
  const keys = Object.fromEntries(tenants.map((tenant) => [tenant, keyOf(command, tenant, environment)]));
  const [grpc, http] = [await freePort(), await freePort()];
  const service = await startService(grpc, http, environment, { ...options, command });
  ends.push(service.stop);
  const server = `127.0.0.1:${grpc}`;
  const client = (tenant) => {
    const own = new SymFaceClient({ server, apiKey: keys[tenant], timeoutMs: 120_000 });
    ends.push(() => own.close());
    return own;
  };
  return { name, service, server, keys, client };
}

function keyOf(command, tenant, environment) {
  const args = [command, 'keys', 'create', '--offline', '--tenant', tenant];
  return execFileSync(process.execPath, args, {
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

/** Settings of an arm as the command line gives them: "A=1,B=2"; empty of none. */
export function readSettings(text) {
  return Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map((setting) => setting.split('=')),
  );
}
