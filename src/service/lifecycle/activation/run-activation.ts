import { Failure } from '../../../core/failure.js';
import type { Job, Json } from '../../jobs/job.js';
import { type ActivationOrder, type ActivationPhase, orderOf } from './activation.js';
import type { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import type { JobContext } from '../../jobs/work-on-jobs.js';
import type { ActiveModelStore, SwitchOutcome } from '../../models/serving/active-model-store.js';
import type { FaceTemplate } from '../../enrolment/faces/enrolled-face-store.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import type { ModelPair, TrialServing } from '../../../inference/workers/model-serving.js';
import type { FaceToEmbed, TemplateStore } from '../../enrolment/faces/template-store.js';
import { embedStoredCrops } from '../../enrolment/faces/stored-crops.js';

interface RunActivationParts {
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly active: ActiveModelStore;
  readonly templates: TemplateStore;
  readonly trial: TrialServing;
  readonly outdated: Pick<RemoveOutdatedModels, 'execute'>;
  /** What serves now: its detector is loaded beside the backbone. */
  readonly activePair: () => Promise<ModelPair>;
  /** Another backbone is the active one. */
  readonly onSwitched: () => void;
}

/** Templates of a batch are written together: so much is done again after a kill. */
const facesPerBatch = 64;
/** Embedded while enrolments wait: a fraction of a second. */
const mostFacesAtSwitch = 16;
const templatesPerRemoval = 2_000;

/** The work of an activation job: it can be interrupted anywhere and goes on with what is left. */
export class RunActivation {
  constructor(private readonly parts: RunActivationParts) {}

  /** @throws Failure MODEL_NOT_FOUND, MODEL_INVALID, STORED_CROP_DAMAGED, DATABASE_UNAVAILABLE */
  async execute(job: Job, context: JobContext): Promise<Json> {
    const order = orderOf(job.input);
    const run = await this.begin(order, context);
    await run.report('loading');
    // Faces or not: a version that cannot be loaded must not become the active one.
    await this.parts.trial.load(run.pair);
    const outcome = await this.switched(run, order);
    const output = outcome.previousId === undefined ? {} : { previousId: outcome.previousId };
    context.succeed(output);
    this.parts.onSwitched();
    await this.removeOthers(run, [order.modelVersion, outcome.previousId]);
    await this.parts.outdated.execute({ actor: order.actor, tenant: order.tenant });
    return output;
  }

  private async begin({ modelVersion }: ActivationOrder, context: JobContext): Promise<ActivationRun> {
    const backbone = await this.parts.registry.get(modelVersion);
    if (backbone.version.manifest.kind !== 'backbone')
      throw new Failure('MODEL_NOT_FOUND', `${modelVersion} is not a backbone.`, { id: modelVersion });
    const pair = { ...(await this.parts.activePair()), backbone };
    return new ActivationRun(pair, context, this.parts.templates);
  }

  /** New faces come while others are embedded; each round leaves fewer, until those that are left are done at once. */
  private async switched(
    run: ActivationRun,
    order: ActivationOrder,
  ): Promise<Extract<SwitchOutcome, { kind: 'switched' }>> {
    const { modelVersion, actor, tenant, isRollBack, skipsAssessment } = order;
    for (;;) {
      await this.embedMissing(run);
      await run.report('switching');
      run.signal.throwIfAborted();
      const outcome = await this.parts.active.changeBackbone(
        modelVersion,
        {
          actor,
          tenant,
          action: isRollBack ? 'model.roll-back' : 'model.activate',
          target: `modelVersions/${modelVersion}`,
          details: {
            face_count: String(run.faceCount),
            ...(skipsAssessment && { skip_assessment: 'true' }),
          },
        },
        { mostFaces: mostFacesAtSwitch, embed: async (faces) => this.embed(run, faces) },
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
    while ((await this.parts.templates.removeAllBut(modelVersions, templatesPerRemoval)) > 0)
      run.signal.throwIfAborted();
  }
}

/** One attempt at an activation. */
class ActivationRun {
  faceCount = 0;
  private embeddedCount = 0;
  private phase: ActivationPhase = 'loading';

  constructor(
    readonly pair: ModelPair,
    private readonly context: JobContext,
    private readonly templates: TemplateStore,
  ) {}

  get modelVersion(): string {
    return this.pair.backbone.version.id;
  }

  get signal(): AbortSignal {
    return this.context.signal;
  }

  /** Counts anew: faces come and go meanwhile. */
  async report(phase: ActivationPhase): Promise<void> {
    this.phase = phase;
    this.faceCount = await this.templates.countFaces();
    const missing = await this.templates.countFacesWithout(this.modelVersion);
    // Faces may have been enrolled between the two.
    this.embeddedCount = Math.max(0, this.faceCount - missing);
    this.tell();
  }

  advance(faceCount: number): void {
    this.embeddedCount = Math.min(this.faceCount, this.embeddedCount + faceCount);
    this.tell();
  }

  private tell(): void {
    const { phase, faceCount, embeddedCount } = this;
    this.context.report({ phase, faceCount, embeddedCount });
  }
}
