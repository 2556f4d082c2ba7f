import { describe, expect, it } from 'vitest';
import { SharedBudget } from './shared-budget.js';

/** Takes one at a time until it is refused. @returns how many it got */
function fill(budget: SharedBudget, path: readonly string[]): number {
  let taken = 0;
  while (budget.take(path, 1)) taken++;
  return taken;
}

describe('SharedBudget', () => {
  it('gives one tenant alone half, and who comes next half of what is left', () => {
    const budget = new SharedBudget(120);
    expect(fill(budget, ['a'])).toBe(60);
    expect(fill(budget, ['b'])).toBe(30);
    expect(budget.take(['c'], 15)).toBe(true);
  });

  it('leaves room to other connections of a tenant', () => {
    const budget = new SharedBudget(120);
    expect(fill(budget, ['acme', 'busy'])).toBe(40);
    expect(budget.take(['acme', 'quiet'], 10)).toBe(true);
  });

  it('takes what was given back again, and forgets who has nothing', () => {
    const budget = new SharedBudget(10);
    expect(budget.take(['a', 'x'], 11)).toBe(false);
    expect(budget.take(['a', 'x'], 3)).toBe(true);
    budget.giveBack(['a', 'x'], 3);
    expect(budget.used).toBe(0);
    expect(Reflect.get(budget, 'taken')).toEqual(new Map());
  });
});
