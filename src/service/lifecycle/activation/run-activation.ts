import type { AuditEntry } from '../../access/audit-event.js';
import type { Job, Json } from '../../jobs/job.js';
import { type ActivationPhase, orderOf } from './activation.js';
import { changeBackbone, type ModelSwitchResult } from './change-backbone.js';
import type { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import type { JobContext } from '../../jobs/job-attempt.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';
import type { FaceTemplate } from '../../enrolment/faces/enrolment.js';
import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { ModelPair, TrialServing } from '../../../inference/workers/model-serving.js';
import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';
import type { TemplateStore } from '../../enrolment/faces/template.store.js';
import { embedStoredCrops } from '../../enrolment/faces/stored-crops.js';

type Templates = Pick<
  TemplateStore,
  'countFaces' | 'countFacesWithout' | 'countFacesLeft' | 'facesWithout' | 'add' | 'removeAllBut' | 'within'
>;

interface RunActivationParts {
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly active: Pick<ActiveModelStore, 'change'>;
  readonly templates: Templates;
  readonly trial: TrialServing;
  readonly outdated: Pick<RemoveOutdatedModels, 'execute'>;
  /** What serves now: the other model of the pair is loaded beside the version. */
  readonly activePair: () => Promise<ModelPair>;
  /** Another version is the active one. */
  readonly onSwitched: () => void;
}

/** Templates of a batch are written together: so much is done again after a kill. */
const facesPerBatch = 64;
/** Embedded while enrolments wait: a fraction of a second. */
const mostFacesAtSwitch = 16;
const templatesPerRemoval = 2_000;

/**
 * The work of an activation job: it can be interrupted anywhere and goes on with what is left. Faces or not: a version that
 * cannot be loaded does not become the active one.
 */
export class RunActivation {
  constructor(private readonly parts: RunActivationParts) {}

  /** @throws Failure MODEL_NOT_FOUND, MODEL_INVALID, STORED_CROP_DAMAGED, DATABASE_UNAVAILABLE */
  async execute(job: Job, context: JobContext): Promise<Json> {
    const target = await this.parts.registry.get(orderOf(job.input).modelVersion);
    return target.version.manifest.kind === 'detector'
      ? this.changeDetector(target, job, context)
      : this.changeBackbone(target, job, context);
  }

  /** No template depends on the detector. */
  private async changeDetector(
    detector: RegisteredModel,
    job: Job,
    { report, succeed, signal, requireHeld }: JobContext,
  ): Promise<Json> {
    const { active, activePair, trial, onSwitched } = this.parts;
    const before = await activePair();
    report({ phase: 'loading' });
    await trial.load({ ...before, detector });
    signal.throwIfAborted();
    report({ phase: 'switching' });
    const previous = `modelVersions/${before.detector.version.id}`;
    const audit = auditOf(job, { previous });
    const change = await active.change('detector', detector.version.id, audit, async (sql) => {
      await requireHeld(sql);
      return true;
    });
    const output = { previousId: change?.previousId ?? before.detector.version.id };
    succeed(output);
    onSwitched();
    return output;
  }

  private async changeBackbone(backbone: RegisteredModel, job: Job, context: JobContext): Promise<Json> {
    const pair = { ...(await this.parts.activePair()), backbone };
    const run = new ActivationRun(pair, context, this.parts.templates);
    await run.report('loading');
    await this.parts.trial.load(pair);
    const outcome = await this.switched(run, job);
    const output = outcome.previousId === undefined ? {} : { previousId: outcome.previousId };
    context.succeed(output);
    this.parts.onSwitched();
    await this.removeOthers(run, [run.modelVersion, outcome.previousId]);
    await this.parts.outdated.execute(job.requester);
    return output;
  }

  /** New faces come while others are embedded; each round leaves fewer, until those that are left are done at once. */
  private async switched(
    run: ActivationRun,
    job: Job,
  ): Promise<Extract<ModelSwitchResult, { kind: 'switched' }>> {
    for (;;) {
      await this.embedMissing(run);
      await run.report('switching');
      run.signal.throwIfAborted();
      const outcome = await changeBackbone(
        this.parts,
        run.modelVersion,
        auditOf(job, { face_count: String(run.faceCount), left_face_count: String(run.leftCount) }),
        {
          mostFaces: mostFacesAtSwitch,
          embed: async (faces) => this.embed(run, faces),
          requireHeld: run.requireHeld,
        },
      );
      if (outcome.kind === 'switched') return outcome;
    }
  }

  private async embedMissing(run: ActivationRun): Promise<void> {
    const { templates } = this.parts;
    let after: string | undefined;
    await run.report('re-embedding');
    for (;;) {
      run.signal.throwIfAborted();
      const faces = await templates.facesWithout(run.modelVersion, after, facesPerBatch);
      if (faces.length === 0) return;
      after = faces.at(-1)?.faceId;
      run.advance(await templates.add(run.modelVersion, await this.embed(run, faces)));
    }
  }

  private async embed(
    { pair, signal }: ActivationRun,
    faces: readonly FaceToEmbed[],
  ): Promise<readonly FaceTemplate[]> {
    return embedStoredCrops(faces, async (requests) =>
      this.parts.trial.analyseWith(pair, requests, { signal }),
    );
  }

  /** The previous version's are kept: going back to it is a matter of seconds. */
  private async removeOthers(run: ActivationRun, kept: readonly (string | undefined)[]): Promise<void> {
    const modelVersions = kept.filter((id) => id !== undefined);
    // Nothing is known of what served before the first change: then nothing is removed.
    if (modelVersions.length < 2) return;
    await run.report('removing');
    await run.requireHeld();
    while ((await this.parts.templates.removeAllBut(modelVersions, templatesPerRemoval)) > 0)
      run.signal.throwIfAborted();
  }
}

function auditOf({ requester, input }: Job, details: Readonly<Record<string, string>>): AuditEntry {
  const { modelVersion, isRollBack, skipsAssessment, withoutThreshold } = orderOf(input);
  return {
    ...requester,
    action: isRollBack ? 'model.roll-back' : 'model.activate',
    target: `modelVersions/${modelVersion}`,
    details: {
      ...details,
      ...(skipsAssessment && { skip_assessment: 'true' }),
      ...(withoutThreshold && { without_threshold: 'true' }),
    },
  };
}

/** One attempt at an activation of a backbone. */
class ActivationRun {
  faceCount = 0;
  /** Faces that were enrolled by an embedding of another version. */
  leftCount = 0;
  private embeddedCount = 0;
  private phase: ActivationPhase = 'loading';

  constructor(
    readonly pair: ModelPair,
    private readonly context: JobContext,
    private readonly templates: Templates,
  ) {}

  get modelVersion(): string {
    return this.pair.backbone.version.id;
  }

  get signal(): AbortSignal {
    return this.context.signal;
  }

  get requireHeld(): JobContext['requireHeld'] {
    return this.context.requireHeld;
  }

  /** Counts anew: faces come and go meanwhile. */
  async report(phase: ActivationPhase): Promise<void> {
    this.phase = phase;
    this.faceCount = await this.templates.countFaces();
    const missing = await this.templates.countFacesWithout(this.modelVersion);
    this.leftCount = await this.templates.countFacesLeft(this.modelVersion);
    // Faces may have been enrolled in between.
    this.embeddedCount = Math.max(0, this.faceCount - missing - this.leftCount);
    this.tell();
  }

  advance(faceCount: number): void {
    this.embeddedCount = Math.min(this.faceCount - this.leftCount, this.embeddedCount + faceCount);
    this.tell();
  }

  private tell(): void {
    const { phase, faceCount, embeddedCount, leftCount } = this;
    this.context.report({ phase, faceCount, embeddedCount, leftCount });
  }
}
