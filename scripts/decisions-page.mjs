// docs/adr/README.md: the decisions, by number.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const intro = `# Decisions

Decisions that are hard to undo, or that would surprise a reader, each with its context and its consequences. The list is
made by \`npm run docs\`.
`;

/** @param folder of the records, whose names begin with their numbers and whose first lines are their titles */
export function decisionsPage(folder) {
  const files = readdirSync(folder).filter((name) => /^\d{4}-.*\.md$/u.test(name));
  const lines = files.sort().map((name) => {
    const [, number, title] = /^# (\d+)\. (.+)$/mu.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
    if (number === undefined) throw new Error(`docs/adr/${name} does not begin with its number and title.`);
    return `${number}. [${title}](${name})`;
  });
  return `${intro}\n${lines.join('\n')}\n`;
}
