/**
 * Reads files of /proc and /sys again and again without opening them each time. Synchronous on purpose: the
 * kernel makes these texts from memory, and a thread hop would cost more than the read.
 */
import { closeSync, openSync, readSync } from 'node:fs';

const SCRATCH = Buffer.alloc(65_536);
/** More than there are files that are read at each beat. */
const MOST_OPEN = 64;

export interface VirtualFiles {
  /** The whole text, or `null` where there is no such file or it cannot be read. */
  read(path: string): string | null;
  /** The same for a file that is read once: nothing stays open. */
  readOnce(path: string): string | null;
  close(): void;
}

export function createVirtualFiles(): VirtualFiles {
  const descriptors = new Map<string, number>();

  function forget(path: string): void {
    const descriptor = descriptors.get(path);
    descriptors.delete(path);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  return {
    read(path) {
      try {
        const kept = descriptors.get(path) ?? openSync(path, 'r');
        descriptors.set(path, kept);
        if (descriptors.size > MOST_OPEN) forget(descriptors.keys().next().value ?? path);
        return readAll(kept);
      } catch {
        forget(path); // gone or not for us: unknown; opened anew the next time
        return null;
      }
    },
    readOnce(path) {
      try {
        const descriptor = openSync(path, 'r');
        try {
          return readAll(descriptor);
        } finally {
          closeSync(descriptor);
        }
      } catch {
        return null; // gone or not for us: unknown
      }
    },
    close() {
      for (const path of [...descriptors.keys()]) forget(path);
    },
  };
}

/** The kernel hands a long text out in pieces of a page. */
function readAll(descriptor: number): string {
  let text = '';
  for (let at = 0; ; ) {
    const length = readSync(descriptor, SCRATCH, 0, SCRATCH.length, at);
    if (length === 0) return text;
    text += SCRATCH.toString('utf8', 0, length);
    at += length;
  }
}
