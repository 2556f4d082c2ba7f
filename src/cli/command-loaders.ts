import type { Command } from 'commander';
import type { Session } from './session.js';

type MakeCommand = (session: Session) => Command;

/**
 * The modules of the commands by name, in the order in which help lists them. Each is loaded when a command line needs it:
 * one command starts in a fraction of the time that all of them take.
 */
export const commandLoaders: ReadonlyMap<string, () => Promise<MakeCommand>> = new Map([
  ['serve', async () => (await import('./commands/serve.js')).serveCommand],
  ['worker', async () => (await import('./commands/worker.js')).workerCommand],
  ['prepare', async () => (await import('./commands/prepare.js')).prepareCommand],
  ['verify', async () => (await import('./commands/verify.js')).verifyCommand],
  ['embed', async () => (await import('./commands/embed.js')).embedCommand],
  ['detect', async () => (await import('./commands/detect.js')).detectCommand],
  ['enroll', async () => (await import('./commands/enroll.js')).enrollCommand],
  ['identify', async () => (await import('./commands/identify.js')).identifyCommand],
  ['collections', async () => (await import('./commands/collections.js')).collectionsCommand],
  ['subjects', async () => (await import('./commands/subjects.js')).subjectsCommand],
  ['faces', async () => (await import('./commands/faces.js')).facesCommand],
  ['models', async () => (await import('./commands/models.js')).modelsCommand],
  ['backbones', async () => (await import('./commands/backbones.js')).backbonesCommand],
  ['calibrate', async () => (await import('./commands/calibrate.js')).calibrateCommand],
  ['operating-point', async () => (await import('./commands/operating-point.js')).operatingPointCommand],
  ['benchmark', async () => (await import('./commands/benchmark.js')).benchmarkCommand],
  ['dataset', async () => (await import('./commands/dataset.js')).datasetCommand],
  ['train', async () => (await import('./commands/train.js')).trainCommand],
  ['experiment', async () => (await import('./commands/experiment.js')).experimentCommand],
  ['retrain', async () => (await import('./commands/retrain.js')).retrainCommand],
  ['jobs', async () => (await import('./commands/jobs.js')).jobsCommand],
  ['status', async () => (await import('./commands/status.js')).statusCommand],
  ['backup', async () => (await import('./commands/backup.js')).backupCommand],
  ['restore', async () => (await import('./commands/restore.js')).restoreCommand],
  ['keys', async () => (await import('./commands/keys.js')).keysCommand],
  ['encryption', async () => (await import('./commands/encryption.js')).encryptionCommand],
  ['audit', async () => (await import('./commands/audit.js')).auditCommand],
  ['database', async () => (await import('./commands/database.js')).databaseCommand],
]);
