/** Drills of a host that has had none, for tests that are not about them. */
import type { DrillDesk } from '../../src/domain/controls.ts';

export const noDrills: DrillDesk = {
  catalogue: () => [],
  run: async () => ({ kind: 'refused', reason: 'no sandbox here' }),
  status: async () => ({ running: null, last: null, before: null, failure: null }),
};
