import { Failure } from '../../../core/failure.js';
import { defaultFalseMatchRate } from '../../../core/verification/operating-point.js';
import type { Job, Json } from '../../jobs/job.js';
import type { BackboneManifest, ModelLineage, TrainedOnFaces } from '../../../core/models/manifest.js';
import { heldOutBelowOf } from './held-out-bound.js';
import { requireTrainable } from './trainable-parent.js';
import {
  jsonOf,
  type ShareChoice,
  type TrainingDataSummary,
  type TrainingOutput,
  type TrainingProgress,
  trainingInputOf,
} from './training-job.js';
import type { CreateAssessment } from '../assessment/create-assessment.js';
import type { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import { ReportedProgress } from '../../jobs/reported-progress.js';
import type { JobContext } from '../../jobs/job-attempt.js';
import type { FaceTrainer, TrainedModel } from './face-trainer.js';
import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { TakeSnapshot } from './take-snapshot.js';
import type { TrainingFiles } from './training-files.js';

interface RetrainParts {
  readonly registry: Pick<ModelRegistry, 'get' | 'register'>;
  readonly snapshots: Pick<TakeSnapshot, 'forJob'>;
  readonly trainer: Pick<FaceTrainer, 'train'>;
  readonly files: Pick<TrainingFiles, 'removeLeftovers'>;
  /** It assesses the candidate. */
  readonly assessment: Pick<CreateAssessment, 'execute'>;
  readonly outdated: Pick<RemoveOutdatedModels, 'execute'>;
}

/** The work of a training job: from the enrolled faces to a candidate in the registry, or to none. */
export class Retrain {
  constructor(private readonly parts: RetrainParts) {}

  async execute(job: Job, context: JobContext): Promise<Json> {
    await this.parts.files.removeLeftovers(job.id);
    const trained = await this.trained(job, context);
    const output = jsonOf(trained);
    // A candidate is there and its assessment ordered: a cancellation comes too late from here on.
    context.succeed(output);
    if (trained.modelVersion !== undefined) await this.parts.outdated.execute(job.requester);
    return output;
  }

  /** What came of it: a candidate, or that nothing is to be gained. */
  private async trained(job: Job, { report, signal, requireHeld }: JobContext): Promise<TrainingOutput> {
    const { registry, snapshots, trainer } = this.parts;
    const { parent: parentId, policy, falseMatchRate = defaultFalseMatchRate } = trainingInputOf(job);
    const collecting: TrainingProgress = { phase: 'collecting' };
    const progress = new ReportedProgress(collecting, (known) => {
      report(jsonOf(known));
    });
    const parent = await registry.get(parentId);
    const parentManifest = requireTrainable(parent.version);
    const parentBelow = heldOutBelowOf(parentManifest);
    const data = await snapshots.forJob(job.id, { policy, falseMatchRate, parentBelow });
    signal.throwIfAborted();
    progress.add({ phase: 'preparing', data });
    const trained = await trainer.train(
      {
        ...{ jobId: job.id, attempt: job.attempt, parent, policy, falseMatchRate },
        counts: data.counts,
      },
      {
        onStep: (steps) => {
          progress.add({ phase: 'training', steps });
        },
        onChoosing: (choosing) => {
          progress.add({ phase: 'choosing', choosing });
        },
        onCurve: (curve) => {
          progress.add({ curve });
        },
      },
      signal,
    );
    // Stopped between its last step and here it goes on from its last checkpoint; no candidate is of a cancelled job, and none
    // of an attempt that another has followed: its trainer has trained on while this process was frozen.
    await requireHeld();
    signal.throwIfAborted();
    const { steps, parentFigures, candidateFigures, choice, learningRate } = trained;
    const rate = learningRate === undefined ? {} : { learningRate };
    const found = { data, steps, parentFigures, ...(choice && { choice }), ...rate };
    if (choice !== undefined && isParent(choice)) return found;
    progress.add({ phase: 'registering' });
    const manifest = candidateManifest(trained, parentManifest, lineageOf(job, parent, data, trained.replay));
    const { stored } = await registry.register(manifest, new Map([[manifest.graph.fileName, trained.graph]]));
    await requireHeld();
    // Checkpoints stay until success is recorded: where this fails, the next attempt has next to nothing to do again.
    const assessment = await this.assessed(stored.version.id, choice, job);
    return {
      modelVersion: stored.version.id,
      ...found,
      candidateFigures,
      ...(assessment !== undefined && { assessment }),
    };
  }

  /** @returns the id of the candidate's assessment; undefined where it serves already, as one without a step does */
  private async assessed(
    candidate: string,
    choice: ShareChoice | undefined,
    job: Job,
  ): Promise<string | undefined> {
    const { activateWhenPassed } = trainingInputOf(job);
    try {
      // By the persons held out it was chosen already, by what matters at the rate in force.
      const policy = choice === undefined ? {} : { heldOut: 'not-worse' as const };
      const request = { candidate, policy, activateWhenPassed };
      const { id } = await this.parts.assessment.execute(request, job.requester);
      return id;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // An earlier attempt has ordered it.
      if (error.reason === 'JOB_ALREADY_ACTIVE') return error.metadata['job_id'];
      if (error.reason === 'INVALID_ARGUMENT') return undefined;
      throw error;
    }
  }
}

/** Nothing is to be gained: what was chosen is the parent. */
function isParent({ trainedShare, isProjected }: ShareChoice): boolean {
  return trainedShare === 0 && isProjected !== true;
}

function lineageOf(
  job: Job,
  { version }: RegisteredModel,
  data: TrainingDataSummary,
  replay: TrainedOnFaces | undefined,
): ModelLineage {
  return {
    parent: version.id,
    trainingJob: job.id,
    identityCount: data.counts.identities - data.heldOutIdentities,
    heldOutIdentityCount: data.heldOutIdentities,
    heldOutBelow: Math.min(data.heldOutBelow, heldOutBelowOf(version.manifest)),
    faceCount: data.counts.faces,
    dataSha256: data.digest,
    ...(replay === undefined ? {} : { replay }),
  };
}

/** A version of its parent's line. A threshold of the parent's says nothing of other weights, so it has none. */
function candidateManifest(
  { manifest }: TrainedModel,
  parent: BackboneManifest,
  lineage: ModelLineage,
): BackboneManifest {
  return {
    ...manifest,
    displayName: parent.displayName,
    license: parent.license,
    source: `fine-tuned from ${lineage.parent} on ${lineage.faceCount} enrolled faces`,
    lineage,
  };
}
