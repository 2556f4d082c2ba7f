import type { AttackResult } from './run-attack.js';

/** One line of one attack: what became of it, how long it took, and what others noticed. */
export function asLine({ name, database, verdict, seen, seconds, shared }: AttackResult): string {
  const where = database === 'postgres' ? `${name} (PostgreSQL)` : name;
  const others = shared === undefined ? '' : `  [${onOthers(shared)}]`;
  return `${verdict.padEnd(8)} ${where.padEnd(30)} ${seconds.toFixed(1).padStart(6)} s  ${seen}${others}`;
}

function onOthers({ bystander, memoryMebibytes }: NonNullable<AttackResult['shared']>): string {
  const { p50Ms, p95Ms, refused, lost } = bystander;
  const lostCalls = `${lost.length} lost${refused > 0 ? `, ${refused} refused` : ''}`;
  const memory = memoryMebibytes.map((value) => Math.round(value)).join('/');
  return `bystander p50 ${Math.round(p50Ms)} p95 ${Math.round(p95Ms)} ms, ${lostCalls}; memory ${memory} MiB`;
}

/** @param durationMs of the run @param cpuMs that it took of processors: half of it and more, and the run waited for none */
export function summaryOf(results: readonly AttackResult[], durationMs: number, cpuMs: number): string {
  const count = (verdict: AttackResult['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length;
  return (
    `${count('held')} held, ${count('broken')} broken, ${count('skipped')} skipped ` +
    `in ${Math.round(durationMs / 1000)} s, ${Math.round(cpuMs / 1000)} s of CPU`
  );
}
