import type { AttackResult } from './run-attack.js';

/** One line of one attack: what became of it, how long it took, and what others noticed. */
export function asLine({
  name,
  database,
  verdict,
  seen,
  seconds,
  cpuSeconds,
  bystander,
  memoryMebibytes,
}: AttackResult): string {
  const where = database === 'postgres' ? `${name} (PostgreSQL)` : name;
  const { p50Ms, p95Ms, refused, lost } = bystander;
  const lostCalls = `${lost.length} lost${refused > 0 ? `, ${refused} refused` : ''}`;
  const others = `bystander p50 ${Math.round(p50Ms)} p95 ${Math.round(p95Ms)} ms, ${lostCalls}`;
  const memory = `memory ${memoryMebibytes.map((value) => Math.round(value)).join('/')} MiB`;
  return `${verdict.padEnd(8)} ${where.padEnd(30)} ${seconds.toFixed(1).padStart(6)} s  ${seen}  [${others}; ${memory}; ${cpuSeconds.toFixed(1)} s of CPU]`;
}

export function summaryOf(results: readonly AttackResult[], durationMs: number): string {
  const count = (verdict: AttackResult['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length;
  return `${count('held')} held, ${count('broken')} broken, ${count('skipped')} skipped in ${Math.round(durationMs / 1000)} s`;
}
