import { Failure } from '../../../core/failure.js';
import { DecryptionError } from '../../../storage/encryption/secret-box.js';
import type { FaceAnalysis, CallControl } from '../../../inference/analyser/face-analysis.js';
import type { Caller } from '../../access/caller.js';
import { type Page, type PageRequest, readPage, uuidKey } from '../../platform/page.js';
import {
  type CollectionKey,
  collectionName,
  type FaceKey,
  parseCollectionName,
} from '../../platform/resource-names.js';
import type { EnrolledFaceStore } from './enrolled-face.store.js';
import { embedStoredCrops } from './stored-crops.js';
import type { TemplateStore } from './template.store.js';

/** How many faces are looked at in one call at most. */
const maximumFaces = 1_000;

export interface CheckTemplatesCommand extends PageRequest {
  /** The collection's name. */
  readonly collection: string;
  /** Whether damaged templates are made anew. */
  readonly repair: boolean;
}

/** A face whose template cannot be read, or is missing. */
export interface UnreadableTemplate {
  readonly face: FaceKey;
  /** Why it was not repaired; undefined where it was, or where that was not asked for. */
  readonly error: Failure | undefined;
  readonly repaired: boolean;
}

export interface CheckedTemplates {
  readonly modelVersion: string;
  readonly checkedFaceCount: number;
  readonly unreadable: readonly UnreadableTemplate[];
  readonly nextPageToken: string | undefined;
}

interface CheckTemplatesParts {
  readonly analysis: FaceAnalysis;
  /** Id of the backbone that serves; undefined where none does. */
  readonly servedBackbone: () => string | undefined;
  readonly faces: Pick<EnrolledFaceStore, 'checkedTemplates' | 'cropOf'>;
  readonly templates: Pick<TemplateStore, 'replace'>;
}

/** Opens the templates of a collection under the backbone that serves, and makes those anew that are damaged. */
export class CheckTemplates {
  constructor(private readonly parts: CheckTemplatesParts) {}

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SHUTTING_DOWN, MODEL_CHANGED, of the engine */
  async execute(
    { collection: name, repair, ...request }: CheckTemplatesCommand,
    caller: Caller,
    control: CallControl,
  ): Promise<CheckedTemplates> {
    const collection = parseCollectionName(name, caller.tenant, 'collection');
    const modelVersion = this.parts.servedBackbone();
    if (modelVersion === undefined)
      throw new Failure('SHUTTING_DOWN', 'The service is starting or shutting down. Try again.');
    const { items, nextPageToken } = await this.page(collection, modelVersion, request);
    const unreadable: UnreadableTemplate[] = [];
    for (const { faceId, subjectId, isWhole } of items) {
      if (isWhole) continue;
      const face = { ...collection, subjectId, faceId };
      const error = repair ? await this.repaired(face, modelVersion, control) : undefined;
      unreadable.push({ face, error, repaired: repair && error === undefined });
    }
    return { modelVersion, checkedFaceCount: items.length, unreadable, nextPageToken };
  }

  private async page(
    collection: CollectionKey,
    modelVersion: string,
    request: PageRequest,
  ): Promise<Page<Awaited<ReturnType<EnrolledFaceStore['checkedTemplates']>>[number]>> {
    return readPage(
      `templates of ${collectionName(collection)}`,
      { ...request, pageSize: request.pageSize === 0 ? maximumFaces : request.pageSize },
      async (query) => this.parts.faces.checkedTemplates(collection, modelVersion, query),
      ({ faceId }) => faceId,
      uuidKey,
    );
  }

  /** Makes the template anew from the stored crop. @returns why that cannot be */
  private async repaired(
    face: FaceKey,
    modelVersion: string,
    control: CallControl,
  ): Promise<Failure | undefined> {
    const { analysis, faces, templates } = this.parts;
    control.signal.throwIfAborted();
    const crop = await faces.cropOf(face).catch((error: unknown) => {
      // It does not open, as the template does not: told of below. Anything else is no damage.
      if (error instanceof DecryptionError) return undefined;
      throw error;
    });
    try {
      const [made] = await embedStoredCrops([{ faceId: face.faceId, crop }], async (requests) => {
        const batch = await analysis.analyse(requests, control);
        if (batch.models.backboneId === modelVersion) return batch;
        throw new Failure('MODEL_CHANGED', 'Another model began to serve meanwhile. Begin again.');
      });
      if (made !== undefined) await templates.replace(modelVersion, made);
      return undefined;
    } catch (error) {
      if (error instanceof Failure && error.reason === 'STORED_CROP_DAMAGED') return error;
      throw error;
    }
  }
}
