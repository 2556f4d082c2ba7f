import type { FailureReason } from '../core/failure.js';

/**
 * How the command line helps with a reason. The server's message says what happened and what helps in general; this
 * adds the option or command that does it.
 */
const ADVICE: Readonly<Partial<Record<FailureReason, string>>> = {
  MULTIPLE_FACES: 'Here: --face largest; symface identify and embed also take --face all.',
  MODEL_CONTRACT_MISMATCH: 'What the active model takes: symface models show <id>.',
  MODEL_INVALID: 'Manifests are described in docs/models/manifest.md.',
  MODEL_NOT_FOUND: 'The versions there are: symface models list.',
  TRAINING_DATA_INSUFFICIENT:
    'Who consents: symface subjects consent <subject> yes, or --all yes. Limits: symface retrain --help.',
  MODEL_NOT_TRAINABLE:
    'The versions there are: symface models list; another than the active one: --model <id>.',
  MODEL_NOT_ASSESSED: 'Here: symface models assess <id>; or symface models activate <id> --unassessed.',
  MODEL_REJECTED: 'Why: symface jobs list --kind assessment --model <id>. All the same: --unassessed.',
  MODEL_NOT_CALIBRATED:
    'Here: symface calibrate --folder <folder> --model <id>; or symface models activate <id> --without-threshold.',
  CALIBRATION_UNSUPPORTED: 'The rate in force: symface operating-point.',
  MODEL_IN_USE: 'What serves: symface models list; the jobs there are: symface jobs list.',
  JOB_ALREADY_ACTIVE: 'The jobs there are: symface jobs list.',
  JOB_NOT_FOUND: 'The jobs there are: symface jobs list.',
  THRESHOLD_NOT_CALIBRATED:
    'A better photograph, another --fmr, or --threshold <cosine>. To calibrate: symface calibrate --folder <folder>.',
  COLLECTION_NOT_FOUND: 'The collections there are: symface collections list.',
  SUBJECT_NOT_FOUND:
    'Of another collection: --collection <id>. The subjects there are: symface subjects list.',
  SUBJECT_MERGED: 'What became of it: symface subjects show <target>.',
  TEMPLATE_DAMAGED: 'Here: symface faces verify --collection <collection> --repair.',
  SUBJECT_HAS_NO_FACES: 'Here: symface enroll <subject> <image>.',
  UNAUTHENTICATED: 'Here: --api-key <key>, or SYMFACE_API_KEY.',
  DEADLINE_EXCEEDED: 'Allow more time: --timeout-ms <ms>.',
};

/** Where it is the rate that no threshold is known of: no better photograph helps. */
const OTHER_RATE =
  'What a model is calibrated for: symface models show <id>. To calibrate: symface calibrate --folder <folder>.';

/**
 * The advice on a reason; empty where there is nothing to add, and for reasons that this version of the command does
 * not know.
 */
export function adviceFor(reason: string, metadata: Readonly<Record<string, string>> = {}): string {
  if (reason === 'THRESHOLD_NOT_CALIBRATED' && metadata['false_match_rate'] !== undefined) return OTHER_RATE;
  return Object.hasOwn(ADVICE, reason) ? (ADVICE[reason as FailureReason] ?? '') : '';
}
