import type { AuditEntry } from '../../access/audit-event.js';
import type { FaceTemplate } from '../../enrolment/faces/enrolment.js';
import type { ModelKind } from '../../../storage/models/model-registry.js';
import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';

/** The version of a kind that serves. */
export interface ActiveModel {
  readonly id: string;
  /** What served before it. */
  readonly previousId: string | undefined;
}

/** How a change of backbone went; `faces-left`: nothing changed, so many faces have no template under it. */
export type SwitchOutcome =
  | { readonly kind: 'switched'; readonly previousId: string | undefined }
  | { readonly kind: 'faces-left'; readonly count: number };

/** Which models serve, for every replica. Durable. */
export interface ActiveModelStore {
  /** Undefined where none was chosen yet. */
  active(kind: ModelKind): Promise<ActiveModel | undefined>;
  /** Chooses this version where none was chosen before. @returns what is active then */
  choose(kind: ModelKind, id: string): Promise<ActiveModel>;
  /**
   * Makes a detector the active one, with its record in the audit log. Faces do not depend on it.
   * @returns the one that was active before; undefined where none was chosen
   */
  changeDetector(id: string, audit: AuditEntry): Promise<string | undefined>;
  /**
   * Makes a backbone the active one in one transaction: enrolments wait, the faces that are left are embedded, and the
   * change is recorded in the audit log. Where more than `mostFaces` are left, nothing happens.
   */
  changeBackbone(
    id: string,
    audit: AuditEntry,
    last: {
      readonly mostFaces: number;
      readonly embed: (faces: readonly FaceToEmbed[]) => Promise<readonly FaceTemplate[]>;
    },
  ): Promise<SwitchOutcome>;
}
