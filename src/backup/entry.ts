/** One entry of an archive as hashes.json lists it, and its form in JSON. */
import { z } from 'zod';
import { isPlainName, type RawPath, rawOf, shownName } from './names.ts';

export type EntryType = 'file' | 'dir' | 'symlink' | 'link';

export interface Entry {
  readonly path: RawPath;
  readonly type: EntryType;
  /** Bytes of content; 0 for all but files. */
  readonly size: number;
  /** Permission bits, setuid and the like included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970 as a decimal. */
  readonly mtimeNs: string;
  /** Where a symlink points, or the entry that a hard link shares its content with. */
  readonly link: RawPath | null;
  readonly md5: string | null;
  readonly sha256: string | null;
  /** `changed`: it was written to while it was read; it is packed as it was seen. */
  readonly status: 'ok' | 'changed';
  readonly sparse: boolean;
}

const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`));

const EntryShape = z.strictObject({
  path: z.string(),
  /** The name itself where it is no UTF-8. */
  pathBase64: z.base64().optional(),
  type: z.enum(['file', 'dir', 'symlink', 'link']),
  size: z.int().nonnegative(),
  mode: z.string().regex(/^[0-7]{4}$/),
  uid: z.int().nonnegative(),
  gid: z.int().nonnegative(),
  mtimeNs: z.string().regex(/^-?\d{1,20}$/),
  link: z.string().nullable(),
  linkBase64: z.base64().optional(),
  md5: hex(32).nullable(),
  sha256: hex(64).nullable(),
  status: z.enum(['ok', 'changed']),
  sparse: z.boolean().optional(),
});
type EntryJson = z.infer<typeof EntryShape>;

export function entryToJson(entry: Entry): object {
  const { path, link, mode, sparse, ...rest } = entry;
  const json: EntryJson = {
    path: shownName(path),
    ...(isPlainName(path) ? {} : { pathBase64: base64(path) }),
    ...rest,
    mode: mode.toString(8).padStart(4, '0'),
    link: link === null ? null : shownName(link),
    ...(link === null || isPlainName(link) ? {} : { linkBase64: base64(link) }),
    ...(sparse ? { sparse } : {}),
  };
  return json;
}

/** @throws ZodError for anything that is not an entry. */
export function entryFromJson(data: unknown): Entry {
  const { pathBase64, linkBase64, mode, sparse, path, link, ...rest } = EntryShape.parse(data);
  return {
    ...rest,
    path: pathBase64 === undefined ? rawOf(path) : fromBase64(pathBase64),
    mode: Number.parseInt(mode, 8),
    link: linkBase64 !== undefined ? fromBase64(linkBase64) : link === null ? null : rawOf(link),
    sparse: sparse ?? false,
  };
}

function base64(raw: RawPath): string {
  return Buffer.from(raw, 'latin1').toString('base64');
}

function fromBase64(text: string): RawPath {
  return Buffer.from(text, 'base64').toString('latin1');
}
