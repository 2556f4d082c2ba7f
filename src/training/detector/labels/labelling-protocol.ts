import type { FailureRecord } from '../../../core/failure-record.js';
import type { PhotographLabels } from '../../../datasets/face-labels/photograph-labels.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';

/** The detectors that label: the first one's faces are the labels, the others confirm them. */
export interface LabellingDetectors {
  readonly first: RegisteredModel;
  readonly others: readonly RegisteredModel[];
}

/** A photograph to label. */
export interface PhotographToLabel {
  readonly set: string;
  /** The path within the set's folder, with slashes. */
  readonly file: string;
  readonly path: string;
}

/** A photograph that cannot be decoded. */
export interface UnreadablePhotograph {
  readonly path: string;
  readonly message: string;
}

export interface LabelledBatch {
  readonly photographs: readonly PhotographLabels[];
  readonly unreadable: readonly UnreadablePhotograph[];
}

export type LabellingRequest =
  | { readonly type: 'load'; readonly detectors: LabellingDetectors }
  | { readonly type: 'label'; readonly id: number; readonly photographs: readonly PhotographToLabel[] };

export type LabellingReply =
  | { readonly type: 'labelled'; readonly id: number; readonly batch: LabelledBatch }
  | { readonly type: 'failed'; readonly id: number; readonly error: FailureRecord };
