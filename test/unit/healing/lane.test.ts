import { describe, expect, it } from 'vitest';
import { actionId } from '../../../src/domain/units.ts';
import { createLane } from '../../../src/healing/lane.ts';

const A = actionId('act-a');
const B = actionId('act-b');

describe('createLane', () => {
  it('holds one action, and only that one frees it', () => {
    const lane = createLane();
    expect(lane.claim(A, 'restart a')).toBe(true);
    expect(lane.claim(B, 'restart b')).toBe(false);
    expect(lane.running()).toBe('restart a');
    lane.release(B);
    expect(lane.isRunning(A)).toBe(true);
    lane.release(A);
    expect(lane.running()).toBeNull();
    expect(lane.claim(B, 'restart b')).toBe(true);
  });
});
