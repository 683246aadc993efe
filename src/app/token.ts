/** The local API token: from the environment, or made once and kept in the data folder for its owner alone. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../domain/ports.ts';
import { writeDurably } from '../platform/durable-file.ts';
import type { Environment } from './environment.ts';

const TOKEN_BYTES = 24;

/** The token in force; writes `<data>/token` where there is none yet. */
export async function localToken(env: Environment, random: Random): Promise<string> {
  const kept = await keptToken(env);
  if (kept !== null) return kept;
  const token = random.hex(TOKEN_BYTES);
  await writeDurably(join(env.dataFolder, 'token'), `${token}\n`);
  return token;
}

/** The token that a running bot knows, without making one; `null` where there is none. */
export async function keptToken(env: Environment): Promise<string | null> {
  if (env.token !== null) return env.token;
  try {
    return (await readFile(join(env.dataFolder, 'token'), 'utf8')).trim() || null;
  } catch {
    // No token file: no bot has run here yet, or it is not ours to read.
    return null;
  }
}
