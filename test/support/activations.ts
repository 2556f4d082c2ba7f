import type { SymFaceClient } from '../../src/client/index.js';
import type { Job__Output } from '../../src/generated/symface/v1/Job.js';

/** Orders that a model version serve, with a threshold or without. @param name `modelVersions/{id}` */
export async function activate(client: SymFaceClient, name: string): Promise<Job__Output> {
  const request = { modelVersion: name, allowWithoutThreshold: true };
  return (await client.model.createActivation(request)).job!;
}

/** Orders that the backbone serve again that served before. */
export async function rollBack(client: SymFaceClient): Promise<Job__Output> {
  return (await client.model.rollBackActivation({})).job!;
}

/** The backbone that serves, as `modelVersions/{id}`. */
export async function activeBackbone(client: SymFaceClient): Promise<string> {
  const { modelVersions } = await client.model.listModelVersions({ kind: 'MODEL_KIND_BACKBONE' });
  return modelVersions.find(({ active }) => active)!.name;
}
