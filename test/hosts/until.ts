/** Waits until something on a real host is so. */
import { eventually } from '../support/supervisor-bench.ts';

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limit?: number,
): Promise<void> {
  await eventually(what, async () => ((await holds()) ? true : undefined), limit);
}
