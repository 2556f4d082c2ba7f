import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractServices } from '../../src/contract/contract.js';
import { MethodRoles } from '../../src/service/access/method-roles.js';

const check = fileURLToPath(new URL('../../scripts/check-method-roles.mjs', import.meta.url));

describe('npm run check:roles', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-roles-'));
  });

  afterAll(() => rm(folder, { recursive: true }));

  const checked = (...args: readonly string[]) =>
    new Promise<{ readonly code: number; readonly err: string }>((resolve) => {
      const child = execFile(process.execPath, [check, ...args], (_error, _out, err) => {
        resolve({ code: child.exitCode ?? -1, err });
      });
    });

  it('finds nothing in the contract', async () => {
    expect(await checked()).toEqual({ code: 0, err: '' });
  });

  it.each([
    ['says nothing', ''],
    ['says UNSPECIFIED', 'option (symface.v1.role) = ROLE_UNSPECIFIED;'],
    ['has an option of that name from elsewhere', 'option (made.up.role) = ROLE_ADMIN;'],
  ])('names a method that %s', async (_what, option) => {
    const file = `syntax = "proto3";
package made.up;
import "symface/v1/options.proto";
message Nothing {}
service Things {
  rpc Open(Nothing) returns (Nothing) { option (symface.v1.role) = ROLE_CLIENT; }
  rpc Close(Nothing) returns (Nothing) { ${option} }
}`;
    await writeFile(join(folder, 'things.proto'), file);
    const { code, err } = await checked(folder);
    expect(code).toBe(1);
    expect(err).toContain('made.up.Things/Close');
    expect(err).not.toContain('made.up.Things/Open');
  });

  it('does not take a folder without methods for one in order', async () => {
    await writeFile(join(folder, 'things.proto'), 'syntax = "proto3";');
    expect((await checked(folder)).code).toBe(1);
  });
});

describe('MethodRoles', () => {
  const roles = new MethodRoles(contractServices().values());

  it.each([
    ['/grpc.health.v1.Health/Check', 'none'],
    ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', 'client'],
    ['/symface.v1.FaceVerificationService/Verify', 'client'],
    ['/symface.v1.BenchmarkService/GetModelCalibration', 'client'],
    ['/symface.v1.BenchmarkService/CompareBenchmarkRuns', 'admin'],
    ['/symface.v1.JobService/WatchJob', 'admin'],
  ])('%s needs %s', (path, role) => {
    expect(roles.needed(path)).toBe(role);
  });

  it('keeps a method without a role for administrators', () => {
    const [service = {}] = contractServices().values();
    const [method] = Object.values(service);
    const silent = { ...method!, path: '/symface.v1.New/Method', options: { ...method!.options } };
    delete silent.options['(symface.v1.role)'];
    expect(new MethodRoles([{ Method: silent }]).needed(silent.path)).toBe('admin');
  });
});
