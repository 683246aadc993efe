/**
 * The data folder, ours alone. A clone brings it with the mode that git gives; before the first start nothing of ours is
 * in it, and it is closed then. A folder that holds anything else is left as somebody made it: it may be shared.
 */
import { chmod, mkdir, readdir } from 'node:fs/promises';

const PRIVATE = 0o700;
/** What a clone has in it. */
const SHIPPED: ReadonlySet<string> = new Set(['README.md', '.gitkeep']);

/** Makes it, or closes it while it is still fresh. */
export async function openOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: PRIVATE });
  try {
    if (await isFreshFolder(folder)) await chmod(folder, PRIVATE);
  } catch {
    // Not ours to close, or not to be read: the lock tells in a moment what that means, with its code.
  }
}

/** Nothing is in it but what a clone brings. */
export async function isFreshFolder(folder: string): Promise<boolean> {
  return (await readdir(folder)).every((name) => SHIPPED.has(name));
}
