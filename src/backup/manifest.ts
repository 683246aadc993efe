/**
 * manifest.json: what a backup holds, with the digests of everything in it and of the manifest before it.
 *
 * It is written last but for its signature, and the signature is over its bytes. A folder without a valid
 * signature is no backup, whatever else is in it.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SECTIONS, type Section } from '../domain/backup.ts';

export const MANIFEST_FILE = 'manifest.json';
export const SIGNATURE_FILE = 'manifest.sig';
export const HASHES_FILE = 'hashes.json';

/** `20261122T033000Z` */
export const BACKUP_ID: RegExp = /^\d{8}T\d{6}Z$/;

export interface ManifestRoot {
  /** First part of the paths in the archive. */
  readonly name: string;
  /** As configured: `{data}/state`. On another host it means that host's folder. */
  readonly source: string;
  /** Where it was. */
  readonly folder: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface ManifestSection {
  readonly section: Section;
  readonly archive: string;
  readonly entries: number;
  readonly bytes: number;
  readonly tarBytes: number;
  readonly archiveBytes: number;
  readonly sha256: string;
  readonly roots: readonly ManifestRoot[];
  /** Base64 of the paths that were there and are not in the archive: a restore leaves them alone. */
  readonly leftOut: readonly string[];
  readonly warnings: readonly string[];
}

export interface Manifest {
  readonly version: 1;
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly host: string;
  readonly program: string;
  readonly node: string;
  readonly why: string;
  /** The backup before this one; the sha256 is of its manifest.json. */
  readonly previous: { readonly id: string; readonly sha256: string } | null;
  readonly hashesSha256: string;
  readonly sections: readonly ManifestSection[];
}

/** An archive as the thread is told to read it. */
export interface ArchiveToRead {
  readonly section: Section;
  /** The tar or gzip file to read. */
  readonly path: string;
  readonly tarBytes: number;
  /** Of the whole file, where it is compared while it is read; else each entry is compared with the list. */
  readonly sha256: string | null;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const id = z.string().regex(BACKUP_ID);

const root = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,100}$/),
  source: z.string(),
  folder: z.string().startsWith('/'),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
});

const Shape: z.ZodType<Manifest> = z.strictObject({
  version: z.literal(1),
  id,
  at: z.iso.datetime(),
  host: z.string(),
  program: z.string(),
  node: z.string(),
  why: z.string(),
  previous: z.strictObject({ id, sha256 }).nullable(),
  hashesSha256: sha256,
  sections: z.array(
    z.strictObject({
      section: z.enum(SECTIONS),
      archive: z.string().regex(/^(?:config|data|state)\.tar(?:\.gz|\.zst)?$/),
      entries: count,
      bytes: count,
      tarBytes: count,
      archiveBytes: count,
      sha256,
      roots: z.array(root),
      leftOut: z.array(z.base64()),
      warnings: z.array(z.string()),
    }),
  ),
});

/** @throws ZodError or SyntaxError when it is not a manifest. */
export function parseManifest(content: Uint8Array): Manifest {
  return Shape.parse(JSON.parse(Buffer.from(content).toString('utf8')));
}

export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
