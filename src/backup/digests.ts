/** md5 and sha256 of one file in one pass. */
import { createHash, type Hash, hash } from 'node:crypto';

export interface Digests {
  see(content: Uint8Array): void;
  end(): { readonly md5: string; readonly sha256: string };
}

/** Most files come in one piece; for those no state is kept. */
export function createDigests(size: number): Digests {
  let whole: { readonly md5: string; readonly sha256: string } | undefined;
  let parts: { readonly md5: Hash; readonly sha256: Hash } | undefined;
  return {
    see(content) {
      if (parts === undefined && content.length === size) {
        whole = { md5: hash('md5', content, 'hex'), sha256: hash('sha256', content, 'hex') };
        return;
      }
      parts ??= { md5: createHash('md5'), sha256: createHash('sha256') };
      parts.md5.update(content);
      parts.sha256.update(content);
    },
    end() {
      if (whole !== undefined) return whole;
      const { md5, sha256 } = parts ?? { md5: createHash('md5'), sha256: createHash('sha256') };
      return { md5: md5.digest('hex'), sha256: sha256.digest('hex') };
    },
  };
}
