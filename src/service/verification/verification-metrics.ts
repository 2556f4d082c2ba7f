import { Counter, Histogram, type Registry } from 'prom-client';
import type { AnsweredVerification, IdentifiedProbe, VerificationObserver } from './verification-observer.js';

/** Cosine similarities; strangers are about 0, thresholds of the shipped models between 0.2 and 0.5. */
const similarityBuckets = [-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Counts what live verifications came to, by model version: a drift of these is a drift of photographs or model. */
export class VerificationMetrics implements VerificationObserver {
  private readonly decisions: Counter<'model_version' | 'decision'>;
  private readonly similarities: Histogram<'model_version'>;
  private readonly identifications: Counter<'model_version' | 'result'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.decisions = new Counter({
      name: 'symface_verifications_total',
      help: 'Pairs and subjects that were verified, by the backbone and whether they matched',
      labelNames: ['model_version', 'decision'],
      registers,
    });
    this.similarities = new Histogram({
      name: 'symface_verification_similarity',
      help: 'Cosine similarities of verified pairs and subjects, by the backbone',
      labelNames: ['model_version'],
      buckets: similarityBuckets,
      registers,
    });
    this.identifications = new Counter({
      name: 'symface_identifications_total',
      help: 'Faces that were searched for, by the backbone and whether a subject matched',
      labelNames: ['model_version', 'result'],
      registers,
    });
  }

  pairVerified(_pair: unknown, _options: unknown, answer: AnsweredVerification): void {
    this.count(answer);
  }

  subjectVerified(_command: unknown, _caller: unknown, answer: AnsweredVerification): void {
    this.count(answer);
  }

  faceIdentified({ matched, modelVersion }: IdentifiedProbe): void {
    for (const result of ['hit', 'miss'] as const)
      this.identifications.inc(
        { model_version: modelVersion, result },
        Number(matched === (result === 'hit')),
      );
  }

  private count({ matched, similarity, modelVersion }: AnsweredVerification): void {
    // Both, so that the share of a model with which nothing matches is 0 and not unknown.
    for (const decision of ['match', 'non_match'] as const)
      this.decisions.inc(
        { model_version: modelVersion, decision },
        Number(matched === (decision === 'match')),
      );
    this.similarities.observe({ model_version: modelVersion }, similarity);
  }
}
