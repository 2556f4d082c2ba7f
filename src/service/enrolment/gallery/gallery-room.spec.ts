import { beforeEach, describe, expect, it } from 'vitest';
import { flatIndexBytes } from './flat-index.js';
import { GalleryRoom } from './gallery-room.js';

describe('GalleryRoom', () => {
  const key = (collectionId: string) => ({ tenant: 't', collectionId });
  let told: string[];
  let room: GalleryRoom;

  beforeEach(() => {
    told = [];
    room = new GalleryRoom(
      flatIndexBytes(1000, 512),
      () => 512,
      ({ collectionId }, share) => told.push(`${collectionId} ${share.toFixed(2)}`),
    );
  });

  it('tells once of each collection that will outgrow the memory, before it does', () => {
    expect(room.shareOfGrowing(key('a'), 799, false)).toBeCloseTo(0.799);
    expect(told).toEqual([]);
    expect(room.shareOfGrowing(key('a'), 800, false)).toBeCloseTo(0.8);
    room.shareOfGrowing(key('a'), 900, false);
    room.shareOfGrowing(key('b'), 1200, false);
    expect(told).toEqual(['a 0.80', 'b 1.20']);
  });

  it('has nothing to tell of a collection that has an index', () => {
    expect(room.shareOfGrowing(key('a'), 2000, true)).toBeCloseTo(2);
    expect(told).toEqual([]);
  });

  it('knows nothing while no model serves', () => {
    const idle = new GalleryRoom(
      1e9,
      () => undefined,
      () => undefined,
    );
    expect(idle.shareOf(5)).toBe(0);
  });
});
