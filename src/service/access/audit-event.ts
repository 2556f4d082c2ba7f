/** What is recorded, by the kind of resource and what was done. */
export type AuditAction =
  | 'collection.create'
  | 'collection.update'
  | 'collection.delete'
  | 'subject.delete'
  | 'subject.consent'
  | 'subject.rename'
  | 'subject.merge'
  | 'face.delete'
  | 'face.view-crop'
  | 'model.import'
  | 'model.activate'
  | 'model.roll-back'
  | 'model.delete'
  | 'dataset.register'
  | 'model.calibrate'
  | 'operating-point.set'
  | `${'training' | 'assessment' | 'activation' | 'benchmark' | 'key-rotation' | 'indexing'}.${'create' | 'cancel'}`
  | 'shadow.start'
  | 'shadow.stop'
  | 'training-schedule.update'
  | 'training-schedule.delete'
  | 'encryption.rewrap'
  | 'api-key.create'
  | 'api-key.update'
  | 'api-key.revoke'
  | 'backup.create';

/** An action to be recorded. Details hold counts and settings, never images or templates. */
export interface AuditEntry {
  readonly actor: string;
  readonly tenant: string;
  readonly action: AuditAction;
  /** The resource's name. */
  readonly target: string;
  readonly details: Readonly<Record<string, string>>;
}

/** A recorded action. Records are never changed or removed. */
export interface AuditEvent extends AuditEntry {
  readonly sequence: number;
  readonly time: Date;
}
