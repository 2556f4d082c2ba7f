import type { RunningServer } from '../support/running-server.js';

/** How often calls have ended with each status, by its name, as the service counts it. */
export async function endedCalls({
  httpUrl,
}: Pick<RunningServer, 'httpUrl'>): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const [, labels = '', value] of text.matchAll(/^symface_grpc_calls_total\{([^}]*)\} (\S+)/gmu)) {
    const code = /code="(\w+)"/u.exec(labels)?.[1] ?? '';
    counts.set(code, (counts.get(code) ?? 0) + Number(value));
  }
  return counts;
}
