import { beforeEach, describe, expect, it } from 'vitest';

import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type { ModelPair, TrialServing } from '../../../inference/workers/model-serving.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';
import type { TemplateStore } from '../../enrolment/faces/template.store.js';
import type { Transaction } from '../../platform/database/database.js';
import type { AuditEntry } from '../../access/audit-event.js';
import type { Job, Json } from '../../jobs/job.js';
import { orderJson } from './activation.js';
import { RunActivation } from './run-activation.js';

const stored = (id: string, kind: 'backbone' | 'detector'): RegisteredModel => ({
  version: { id, manifest: { kind } } as ModelVersion,
  folder: '',
});
const [backbone, serving, other] = [
  stored('net', 'backbone'),
  stored('retina', 'detector'),
  stored('yunet', 'detector'),
];
const job = {
  id: 'job',
  requester: { actor: 'apiKeys/1', tenant: 'default' },
  input: orderJson({
    modelVersion: 'yunet',
    isRollBack: false,
    skipsAssessment: false,
    withoutThreshold: false,
  }),
} as Partial<Job> as Job;

const requireHeld = () => Promise.resolve();
let done: string[];
let audited: AuditEntry[];

beforeEach(() => {
  [done, audited] = [[], []];
});

/** @param chosenBefore the detector that was activated before, if any was */
function activation(load: TrialServing['load'], chosenBefore: string | undefined): RunActivation {
  const unused = () => Promise.reject(new Error('of a detector no face is embedded'));
  const parts: ConstructorParameters<typeof RunActivation>[0] = {
    registry: { get: () => Promise.resolve(other) },
    active: {
      change: (kind, id, audit) => {
        done.push(`chosen ${id} as the ${kind}`);
        audited.push(audit);
        return Promise.resolve({ previousId: chosenBefore });
      },
    },
    templates: {
      countFaces: unused,
      countFacesWithout: unused,
      countFacesLeft: unused,
      facesWithout: unused,
      add: unused,
      removeAllBut: unused,
      within: () => {
        throw new Error('of a detector no face is embedded');
      },
    },
    trial: { load, analyseWith: unused },
    outdated: { execute: unused },
    activePair: () => Promise.resolve({ backbone, detector: serving }),
    onSwitched: () => done.push('told'),
  };
  return new RunActivation(parts);
}

const loaded = (pair: ModelPair): Promise<void> => {
  done.push(`loaded ${pair.backbone.version.id} and ${pair.detector.version.id}`);
  return Promise.resolve();
};

async function run(of: RunActivation, signal = new AbortController().signal): Promise<Json> {
  let succeeded: Json = null;
  const succeed = (output: Json): void => {
    succeeded = output;
  };
  const report = (progress: Json): void => {
    done.push(JSON.stringify(progress));
  };
  await of.execute(job, { report, succeed, signal, requireHeld });
  return succeeded;
}

describe('an activation of a detector', () => {
  it('loads it beside the backbone that serves, then chooses it with its record', async () => {
    expect(await run(activation(loaded, 'blaze'))).toEqual({ previousId: 'blaze' });
    expect(done).toEqual([
      '{"phase":"loading"}',
      'loaded net and yunet',
      '{"phase":"switching"}',
      'chosen yunet as the detector',
      'told',
    ]);
    expect(audited).toEqual([
      {
        actor: 'apiKeys/1',
        tenant: 'default',
        action: 'model.activate',
        target: 'modelVersions/yunet',
        details: { previous: 'modelVersions/retina' },
      },
    ]);
  });

  it('says which one served before where none was chosen', async () => {
    expect(await run(activation(loaded, undefined))).toEqual({ previousId: 'retina' });
  });

  it('changes nothing where it cannot be loaded, or is cancelled meanwhile', async () => {
    const unloadable = activation(() => Promise.reject(new Failure('MODEL_INVALID', 'no graph')), undefined);
    await expect(run(unloadable)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    const stop = new AbortController();
    const cancelled = activation(async () => {
      await Promise.resolve();
      stop.abort(new Failure('CANCELLED', 'cancelled'));
    }, undefined);
    await expect(run(cancelled, stop.signal)).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(done).toEqual(['{"phase":"loading"}', '{"phase":"loading"}']);
  });
});

describe('an activation of a backbone', () => {
  it('counts the faces that were enrolled by embeddings of another version, and says so in its record', async () => {
    const next = stored('net-2', 'backbone');
    const never = () => Promise.reject(new Error('every face has its template, or can have none'));
    const none = () => Promise.resolve([]);
    const templates = {
      countFaces: () => Promise.resolve(5),
      countFacesWithout: () => Promise.resolve(0),
      countFacesLeft: () => Promise.resolve(2),
      facesWithout: none,
      add: never,
      removeAllBut: () => Promise.resolve(0),
    };
    const transaction = {} as unknown as Transaction;
    const within = () => templates as unknown as TemplateStore;
    const run = new RunActivation({
      registry: { get: () => Promise.resolve(next) },
      active: {
        change: async (_kind, _id, audit, prepare) => {
          audited.push(audit);
          expect(await prepare?.(transaction)).toBe(true);
          return { previousId: 'net' };
        },
      },
      templates: { ...templates, within },
      trial: { load: loaded, analyseWith: never },
      outdated: { execute: none },
      activePair: () => Promise.resolve({ backbone, detector: serving }),
      onSwitched: () => done.push('told'),
    });
    const reports: Json[] = [];
    const report = (progress: Json): void => {
      reports.push(progress);
    };
    const order = orderJson({
      modelVersion: 'net-2',
      isRollBack: false,
      skipsAssessment: false,
      withoutThreshold: false,
    });
    const signal = new AbortController().signal;
    const context = { report, succeed: () => undefined, signal, requireHeld };
    await run.execute({ ...job, input: order }, context);
    expect(reports.at(-1)).toEqual({ phase: 'removing', faceCount: 5, embeddedCount: 3, leftCount: 2 });
    expect(audited[0]?.details).toEqual({ face_count: '5', left_face_count: '2' });
  });
});
