/** Fits where it is asked, between two rows: for a replay, where the clock is virtual and a fit takes no time of it. */
import type { FitThread } from './fit-thread.ts';
import { fitHost } from './host-model.ts';

export function createSameThreadFit(): FitThread {
  return { fit: async (task) => fitHost(task), stop: async () => {} };
}
