import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { anotherFile } from '../../support/another-file.js';
import { tinyBackbone } from '../../support/tiny-models.js';
import { tinyManifest } from '../../support/tiny-backbone-import.js';
import { type Attack, hold, type Scene, Skipped } from '../attack.js';
import { enrolSomebody, type Target } from '../target.js';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const roomMebibytes = 160;
/** What a disk that is full still has: some writes begin. */
const leftBytes = 16_384;
const answeredWithinMs = 30_000;

export default {
  title: 'a data folder on a disk that is full: told in words, nothing lost, served again once there is room',
  isShort: false,
  hasOwnServices: true,
  limitSeconds: 420,
  run: async (scene) => {
    let target = await onSmallDisk(scene, await scene.startTarget());
    const names = await enrolSomebody(target, [scene.photographs.person, scene.photographs.personAgain]);
    const filler = join(target.server.dataFolder, 'filler');
    const seen: string[] = [];
    for (const round of ['once', 'after a kill']) {
      await fill(filler, target.server.dataFolder);
      for (const [what, write] of Object.entries(writes(scene, target))) {
        const said = await write();
        const isTold =
          /^(?:OK|STORAGE_FULL|DATABASE_UNAVAILABLE|DATABASE_FULL|SHUTTING_DOWN|exit [02].*)$/su.test(said);
        hold(isTold, `on a full disk ${what} is ${said}; the log: ${target.server.output().slice(-600)}`);
        seen.push(`${what} ${said.slice(0, 60)}`);
      }
      const exited = target.server.process.exitCode ?? target.server.process.signalCode;
      seen.push(exited === null ? 'it lives' : `it has ended with ${exited}`);
      if (round === 'once' && exited === null) {
        await rm(filler);
        await sleep(2_000);
        const outcome = await enrol(scene, target);
        hold(outcome === 'OK', `with room again an enrolment is ${outcome}`);
      } else {
        target = await target.killAndRestart(async () => rm(filler));
      }
      const { faces } = await target.client().enrollment.listEnrolledFaces({ parent: target.subject });
      const lost = names.filter((name) => !faces.some((face) => face.name === name));
      hold(lost.length === 0, `${lost.length} faces are lost ${round}`);
      const { unreadableTemplates } = await target
        .client()
        .enrollment.verifyTemplates({ collection: target.collection });
      hold(unreadableTemplates.length === 0, `${unreadableTemplates.length} templates are damaged ${round}`);
    }
    await leaveDisk(target);
    await target.stop();
    return seen.join('; ');
  },
} satisfies Attack;

/** Puts a service's data folder on a disk of its own, which is small. @throws Skipped where that is not allowed here */
async function onSmallDisk({ newFolder, afterwards }: Scene, target: Target): Promise<Target> {
  const { dataFolder } = target.server;
  const copy = await newFolder();
  return target.killAndRestart(async () => {
    await cp(dataFolder, copy, { recursive: true, filter: (path) => !path.endsWith('.socket') });
    try {
      const size = `size=${roomMebibytes}m`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', dataFolder], { stdio: 'pipe' });
    } catch (error) {
      throw new Skipped(`no disk can be mounted here: ${String(error).slice(0, 100)}`);
    }
    afterwards(() => {
      // Where the attack has ended early.
      if (isMounted(dataFolder)) execFileSync('umount', ['--lazy', dataFolder]);
    });
    await cp(copy, dataFolder, { recursive: true });
  });
}

/** Ends a service and takes its disk away: what it was mounted on can be removed then. */
async function leaveDisk({ server }: Target): Promise<void> {
  const exited = once(server.process, 'exit');
  server.process.kill('SIGTERM');
  await exited;
  execFileSync('umount', [server.dataFolder]);
}

function isMounted(folder: string): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(` ${folder} `);
}

async function fill(filler: string, folder: string): Promise<void> {
  const { bavail, bsize } = statfsSync(folder);
  await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes), 1));
}

async function enrol({ photographs }: Scene, target: Target): Promise<string> {
  const images = [{ content: anotherFile(photographs.personAgain) }];
  return outcomeOf(
    target.client(undefined, answeredWithinMs).enrollment.enrollFaces({ parent: target.subject, images }),
  );
}

function writes(scene: Scene, target: Target): Readonly<Record<string, () => Promise<string>>> {
  const admin = target.client(target.keys.admin, answeredWithinMs);
  const { server, keys } = target;
  return {
    'an import': async () =>
      outcomeOf(
        admin.model.importModelVersion([
          { manifestJson: JSON.stringify(tinyManifest()) },
          { graphChunk: tinyBackbone() },
        ]),
      ),
    'a backup': async () => {
      const file = join(server.dataFolder, 'backup.tar');
      const said = await symface(['backup', file, '--server', server.address, '--api-key', keys.admin]);
      hold(said.startsWith('exit 0') === existsSync(file), `a backup that is ${said} leaves a file`);
      return said;
    },
    'an enrolment': async () => {
      let said = 'OK';
      for (let count = 0; count < 30 && said === 'OK'; count++) said = await enrol(scene, target);
      return said;
    },
    'a key': async () => outcomeOf(admin.admin.createApiKey({ tenant: 'acme' })),
    'a change of the data key': async () => outcomeOf(admin.encryption.rotateDataKey({})),
    'a verification': async () => {
      const image = { content: scene.photographs.person };
      return outcomeOf(target.client().faceVerification.verify({ imageA: image, imageB: image }));
    },
  };
}

async function symface(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { timeout: answeredWithinMs }, (error, _, stderr) => {
      resolve(`exit ${error?.code ?? 0}${error === null ? '' : `: ${stderr.slice(0, 200)}`}`);
    });
  });
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'OK',
    (error: unknown) =>
      error instanceof RemoteFailure ? (error.reason ?? `${error.codeName} ${error.message}`) : String(error),
  );
}
