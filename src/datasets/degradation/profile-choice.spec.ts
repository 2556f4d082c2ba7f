import { describe, expect, it } from 'vitest';
import { chooseProfiles, type View, viewsByFolder } from './profile-choice.js';

const found = (name: string) => ({ name, identity: name.split('/')[0]!, path: `/data/${name}` });

function images(identity: string, frontal: number, profile: number) {
  const of = (view: View, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      identity,
      view,
      name: `${identity}/${view}/${index}.jpg`,
    }));
  return [...of('frontal', frontal), ...of('profile', profile)];
}

describe('viewsByFolder', () => {
  it('reads the layout of Celebrities in Frontal-Profile', () => {
    expect(
      viewsByFolder(['a/frontal/1.jpg', 'a/profile/2.jpg', 'a/3.jpg', 'a/2021/profile/4.jpg'].map(found)),
    ).toEqual(['frontal', 'profile', undefined, 'profile']);
  });

  it('takes neither an identity nor a file of that name for a view', () => {
    expect(viewsByFolder(['profile/1.jpg', 'a/profile.jpg', 'a/frontal/1.jpg'].map(found))).toBeUndefined();
  });
});

describe('chooseProfiles', () => {
  const all = [...images('a', 5, 3), ...images('b', 4, 0), ...images('c', 1, 1)];
  const choice = { seed: 1, frontalCount: 2 };
  const names = (chosen: readonly { readonly name: string }[]) => chosen.map(({ name }) => name);

  it('takes all profiles and at most so many others, of identities that have a profile', () => {
    const chosen = chooseProfiles(all, choice);
    const count = (identity: string, view: View) =>
      chosen.filter((image) => image.identity === identity && image.view === view).length;
    expect([count('a', 'frontal'), count('a', 'profile')]).toEqual([2, 3]);
    expect([count('c', 'frontal'), count('c', 'profile')]).toEqual([1, 1]);
    expect(chosen.some(({ identity }) => identity === 'b')).toBe(false);
  });

  it('draws by the seed and the identity, not by what else there is', () => {
    const alone = names(chooseProfiles(images('a', 5, 3), choice));
    const among = names(chooseProfiles(all, choice)).filter((name) => name.startsWith('a/'));
    expect(among).toEqual(alone);
    const bySeed = [1, 2, 3, 4, 5].map((seed) => names(chooseProfiles(all, { ...choice, seed })).join());
    expect(new Set(bySeed).size).toBeGreaterThan(1);
  });
});
