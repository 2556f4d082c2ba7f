import type { AuditEntry } from '../../access/audit-event.js';
import type { Transaction } from '../../platform/database/database.js';
import type { FaceTemplate } from '../../enrolment/faces/enrolment.js';
import type { FaceToEmbed } from '../../enrolment/faces/face-rows.js';
import type { TemplateStore } from '../../enrolment/faces/template.store.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';

/** How a change of backbone went; `faces-left`: nothing changed, so many faces have no template under it. */
export type ModelSwitchResult =
  | { readonly kind: 'switched'; readonly previousId: string | undefined }
  | { readonly kind: 'faces-left'; readonly count: number };

interface ChangedStores {
  readonly active: Pick<ActiveModelStore, 'change'>;
  readonly templates: Pick<TemplateStore, 'within' | 'countFacesWithout'>;
}

/** The faces that may be left at the change, and how they are embedded. */
interface LastFaces {
  /** Throws where the change is another's to make by now, and keeps it from others until the transaction ends. */
  readonly requireHeld: (sql: Transaction) => Promise<void>;
  readonly mostFaces: number;
  readonly embed: (faces: readonly FaceToEmbed[]) => Promise<readonly FaceTemplate[]>;
}

/**
 * Makes a backbone the active one in one transaction: enrolments wait, and the faces that are left are embedded. Where
 * more than `mostFaces` are left, nothing happens.
 */
export async function changeBackbone(
  { active, templates }: ChangedStores,
  id: string,
  audit: AuditEntry,
  { mostFaces, embed, requireHeld }: LastFaces,
): Promise<ModelSwitchResult> {
  const change = await active.change('backbone', id, audit, async (sql) => {
    await requireHeld(sql);
    const within = templates.within(sql);
    const left = await within.facesWithout(id, undefined, mostFaces + 1);
    if (left.length > mostFaces) return false;
    if (left.length > 0) await within.add(id, await embed(left));
    return true;
  });
  if (change !== undefined) return { kind: 'switched', previousId: change.previousId };
  return { kind: 'faces-left', count: await templates.countFacesWithout(id) };
}
