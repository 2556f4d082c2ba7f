import { Failure } from '../../core/failure.js';
import type { MeasuredFace } from '../../core/faces/face-record.js';
import { identityFolder } from '../../datasets/identities/formats/identity-folder.js';
import { identityDataset } from '../../datasets/identities/identity-formats.js';
import { passedOverText } from '../../datasets/identities/passed-over.js';
import { defaultQualityGate, refusalOf } from '../../service/enrolment/quality-gate.js';
import { retrainingPolicy } from '../../service/lifecycle/retraining/retraining-policy.js';
import {
  countsOf,
  requireEnoughData,
  type TrainingDataCounts,
} from '../../service/lifecycle/retraining/training-data-counts.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { ImageProgress } from '../image-progress.js';
import { severalAtATime } from '../in-order.js';
import { interruptible } from '../interruption.js';
import { type LocalAnalysis, withLocalAnalysis } from '../local/local-analysis.js';
import type { Session } from '../session.js';
import { statedNumbers } from './policy-options.js';

/** What becomes of the photographs of a folder if they are enrolled. */
export interface FolderPreview {
  readonly imageCount: number;
  readonly counts: TrainingDataCounts;
  /** Photographs that would not be enrolled, by the reason. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** The options of `retrain --dry-run --folder`. */
interface PreviewOptions {
  readonly folder: string;
  readonly anyQuality?: true;
  readonly json?: true;
}

/**
 * Says without a server what a retraining on the photographs of a folder would have: the faces that enrolment would take, and
 * whether the policy's limits are met.
 * @returns the exit code
 * @throws Failure TRAINING_DATA_INSUFFICIENT where it would be refused, DATASET_INVALID, INVALID_ARGUMENT
 */
export async function previewFolder(session: Session, options: PreviewOptions): Promise<number> {
  const policy = retrainingPolicy(statedNumbers(options));
  const preview = await interruptible((signal) =>
    withLocalAnalysis(session, (local) => measured(session, options, local, signal)),
  );
  if (preview === undefined) {
    session.terminal.err('Interrupted: nothing is counted until all photographs were looked at.');
    return EXIT_INTERRUPTED;
  }
  const { rhos, ...looked } = preview;
  const shown = { ...looked, counts: countsOf(rhos, policy) };
  const lines = options.json ? [JSON.stringify(shown)] : previewLines(options.folder, shown);
  for (const line of lines) session.terminal.out(line);
  requireEnoughData(shown.counts, policy);
  if (!options.json) session.terminal.out('A retraining on them, with everyone’s consent, would begin.');
  return EXIT_OK;
}

/** What was found, with the frontness of each identity's faces. */
type Looked = Omit<FolderPreview, 'counts'> & { readonly rhos: readonly (readonly number[])[] };

/** @returns undefined where it was interrupted */
async function measured(
  { terminal }: Session,
  { folder, anyQuality }: PreviewOptions,
  local: LocalAnalysis,
  signal: AbortSignal,
): Promise<Looked | undefined> {
  const faces = await identityFolder.open({ path: folder });
  const others = passedOverText(faces.passedOver);
  if (others !== undefined) terminal.err(`${others}.`);
  const dataset = identityDataset(faces);
  const { images } = dataset;
  const rhos = new Map<string, number[]>();
  const refusals = new Map<string, number>();
  const progress = new ImageProgress(terminal.isInteractive, images.length);
  let finished = 0;
  try {
    await severalAtATime(images.entries(), local.parallel, async ([index, { identity }]) => {
      if (signal.aborted) return;
      const judged = await enrollable(await dataset.read(index), local, anyQuality === true, signal);
      if (typeof judged === 'string') refusals.set(judged, (refusals.get(judged) ?? 0) + 1);
      else rhos.set(identity, [...(rhos.get(identity) ?? []), judged.rho]);
      progress.update(++finished);
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    progress.stop();
  }
  if (signal.aborted) return undefined;
  return { imageCount: images.length, refusals: Object.fromEntries(refusals), rhos: [...rhos.values()] };
}

/** The largest face, or why enrolment would refuse the photograph. */
async function enrollable(
  encoded: Uint8Array,
  { analysis }: LocalAnalysis,
  isAnyQuality: boolean,
  signal: AbortSignal,
): Promise<MeasuredFace | string> {
  const request = {
    encoded,
    kind: 'photograph',
    selection: 'largest',
    wantEmbeddings: true,
    wantCrops: false,
  } as const;
  const { outcomes } = await analysis.analyse([request], { signal });
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('the engine answered no outcome');
  if (!outcome.ok) {
    const { error } = outcome;
    if (error instanceof Failure && /^(?:FACE_NOT_FOUND$|IMAGE_)/u.test(error.reason)) return error.reason;
    throw error;
  }
  const [face] = outcome.image.faces;
  if (face === undefined) return 'FACE_NOT_FOUND';
  return (isAnyQuality ? undefined : refusalOf(face, defaultQualityGate)?.reason) ?? face;
}

function previewLines(folder: string, { imageCount, counts, refusals }: FolderPreview): readonly string[] {
  const { enrolledFaces, enrolledIdentities, faces, identities, frontalFaces } = counts;
  const refused = Object.entries(refusals).map(([reason, count]) => `  refused   ${count}: ${reason}`);
  const share = faces === 0 ? '' : `, ${((100 * frontalFaces) / faces).toFixed(1)} %`;
  return [
    `${folder}: ${imageCount} photographs`,
    ...refused,
    `  enrolled  ${enrolledFaces} faces of ${enrolledIdentities} identities`,
    `  trainable ${faces} faces of ${identities} identities with enough of them; ${frontalFaces} frontal${share}`,
  ];
}
