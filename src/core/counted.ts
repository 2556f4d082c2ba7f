/** A number with what is counted, in one or many: "1 subject", "2 subjects", "0 subjects". */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${Number(count) === 1 ? one : many}`;
}
