import type { SymFaceClient } from '../../src/client/index.js';
import type { Activation__Output } from '../../src/generated/symface/v1/Activation.js';

/** Orders that a backbone serve. @param name `modelVersions/{id}` */
export async function activate(client: SymFaceClient, name: string): Promise<Activation__Output> {
  return (await client.model.createActivation({ modelVersion: name })).activation!;
}

/** Orders that the backbone serve again that served before. */
export async function rollBack(client: SymFaceClient): Promise<Activation__Output> {
  return (await client.model.rollBackActivation({})).activation!;
}

/** The states of an activation until it has ended. */
export async function statesOf(
  client: SymFaceClient,
  { name }: Activation__Output,
): Promise<readonly Activation__Output[]> {
  const states: Activation__Output[] = [];
  for await (const { activation } of client.model.watchActivation({ name })) states.push(activation!);
  return states;
}

/** The backbone that serves, as `modelVersions/{id}`. */
export async function activeBackbone(client: SymFaceClient): Promise<string> {
  const { modelVersions } = await client.model.listModelVersions({ kind: 'MODEL_KIND_BACKBONE' });
  return modelVersions.find(({ active }) => active)!.name;
}
