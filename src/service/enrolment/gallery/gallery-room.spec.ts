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
    expect(room.shareOfGrowing(key('a'), { faceCount: 799, searchable: false })).toBeCloseTo(0.799);
    expect(told).toEqual([]);
    expect(room.shareOfGrowing(key('a'), { faceCount: 800, searchable: false })).toBeCloseTo(0.8);
    room.shareOfGrowing(key('a'), { faceCount: 900, searchable: false });
    room.shareOfGrowing(key('b'), { faceCount: 1200, searchable: false });
    expect(told).toEqual(['a 0.80', 'b 1.20']);
  });

  it('says from 80 % on that something is to be done', () => {
    const said = (faceCount: number, searchable = false) => room.isNearlyFull({ faceCount, searchable });
    expect([said(799), said(800), said(1200), said(1200, true)]).toEqual([false, true, true, false]);
  });

  it('has nothing to tell of a collection that has an index', () => {
    expect(room.shareOfGrowing(key('a'), { faceCount: 2000, searchable: true })).toBeCloseTo(2);
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
