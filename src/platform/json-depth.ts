/** How deep parsed JSON is nested. Without recursion: what it guards against is a stack that overflows. */

/** Stops at the first value beyond `limit`; scalars have depth 0. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (isContainer(item) ? Object.values(item) : [])).filter(isContainer);
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
}
