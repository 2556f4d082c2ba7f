import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EndEntry, LogEntry } from '../../src/training/runs/run-log.js';
import { isFullSuite } from '../support/full-suite.js';
import { imageNetBackbone, imageNetNetwork } from '../support/small-networks.js';
import { runTraining, runTrainingProcess, trainedWeights } from '../support/training-command.js';
import { bestEvaluation, logEntries } from '../support/training-log.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';

const epochs = 12;
const design = '{ design: shufflefacenet-x0.5, embeddingSize: 16, input: 112x96 }';
const backbone = isFullSuite ? design : imageNetBackbone();

/** Steps are so large that the network gets worse soon. */
const configuration = `
name: small
data:
  format: identity-folder
  path: faces
  kind: aligned-crop
  identities: { holdOut: [person-3, person-4, person-5] }
backbone: ${backbone}
loss: { name: arcface, scale: 16, marginRadians: 0.3 }
epochs: ${epochs}
batchSize: 6
learningRate: { initial: 0.02 }
checkpointEverySteps: 1
evaluate: { heldOutPairs: 24, start: true }
earlyStopping: { patience: 2 }
`;
const stepsPerEpoch = 2;

describe('symface train with early stopping', () => {
  let folder: string;

  const train = async (run: string, more: readonly string[] = []) =>
    runTraining(folder, ['--config', 'small.yaml', '--out', run, ...more]);

  const logOf = async (run: string): Promise<LogEntry[]> =>
    logEntries(await readFile(join(folder, run, 'log.jsonl'), 'utf8'));

  const endOf = async (run: string): Promise<EndEntry> => {
    const entries = (await logOf(run)).filter((entry) => entry.kind === 'end');
    expect(entries).toHaveLength(1);
    return entries[0]!;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-early-'));
    await writeTaggedFaces(join(folder, 'faces'), picturesOfPersons(6, 4));
    await writeFile(join(folder, 'small.yaml'), configuration);
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('ends where it gets no better, and exports the best step to the bit', async () => {
    const { code, err, out } = await train('whole');
    expect(code).toBe(0);
    const end = await endOf('whole');
    expect(end.reason).toBe('early-stopping');
    expect(end.step).toBe(end.exportedStep + 2 * stepsPerEpoch);
    expect(end.step).toBeLessThan(epochs * stepsPerEpoch);
    expect(bestEvaluation(await logOf('whole'))).toMatchObject({
      step: end.exportedStep,
      areaUnderCurve: end.areaUnderCurve,
    });
    expect(out).toContain(`Trained: ${end.step} steps.`);
    expect(err).toContain(`The model is of step ${end.exportedStep}`);
    expect(await readFile(join(folder, 'whole', 'report.html'), 'utf8')).toContain(
      `Stopped early after step ${end.step}`,
    );
    expect(JSON.parse(await readFile(join(folder, 'whole', 'outcome.json'), 'utf8'))).toMatchObject({
      state: 'finished',
      steps: end.step,
      exportedStep: end.exportedStep,
    });
    const manifest = await readFile(join(folder, 'whole', 'model', 'manifest.json'), 'utf8');
    expect(manifest).toContain(`, ${end.exportedStep} steps, seed 1`);

    const bestEpoch = String(end.exportedStep / stepsPerEpoch);
    await train('until-best', ['--epochs', bestEpoch, '--set', 'earlyStopping=null']);
    expect(await trainedWeights(folder, 'whole')).toEqual(await trainedWeights(folder, 'until-best'));
  });

  it('comes to the same where its process is killed, also after the best step', async () => {
    const { exportedStep } = await endOf('whole');
    const stopOn = `step ${exportedStep + stepsPerEpoch}, held-out`;
    const { code } = await runTrainingProcess(
      folder,
      ['--config', 'small.yaml', '--out', 'killed'],
      stopOn,
      'SIGKILL',
    );
    expect(code).toBeNull();
    await train('killed');
    expect(await endOf('killed')).toEqual(await endOf('whole'));
    expect(await trainedWeights(folder, 'killed')).toEqual(await trainedWeights(folder, 'whole'));
    const checkpoints = join(folder, 'killed', 'checkpoints');
    expect(await readdir(checkpoints)).toHaveLength(2);
  });

  it('takes no further step where it is over, and goes on where more patience is asked for', async () => {
    const before = await endOf('whole');
    const again = await train('whole');
    expect(again.out).toContain(`Trained: ${before.step} steps.`);
    expect(await endOf('whole')).toEqual(before);
    const longer = await train('whole', ['--set', 'earlyStopping.patience=3']);
    expect(longer.err).toContain(`goes on after step ${before.step}`);
    expect((await endOf('whole')).step).toBeGreaterThan(before.step);
  });

  it('exports the best step where it comes to the last epoch too', async () => {
    const { exportedStep } = await endOf('killed');
    const until = String(exportedStep / stepsPerEpoch + 1);
    const { err } = await train('short', ['--epochs', until]);
    expect(await endOf('short')).toMatchObject({ reason: 'last-epoch', exportedStep });
    expect(err).toContain('Trained to the last epoch');
    expect(await trainedWeights(folder, 'short')).toEqual(await trainedWeights(folder, 'killed'));
  });

  it('is refused where nobody is held out', async () => {
    const { code, err } = await train('nobody', ['--set', 'data.identities.holdOut=[]']);
    expect(code).toBe(2);
    expect(err).toContain('earlyStopping needs at least two identities');
  });
});
